"""Trunks: two switches, one registered at the other as at a carrier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from softswitch_lab import SIP_PASSWORD, Lab, until
from softswitch_sip import Raw

from switch_app.esl import commands


def gateway(port: int, password: str = SIP_PASSWORD, name: str = "trunk") -> str:
    return f"""<include><gateway name="{name}">
      <param name="proxy" value="127.0.0.1:{port}"/><param name="realm" value="127.0.0.1"/>
      <param name="username" value="1003"/><param name="password" value="{password}"/>
      <param name="register" value="true"/><param name="caller-id-in-from" value="true"/></gateway></include>"""


CARRIER = """<extension name="numbers"><condition field="destination_number" expression="^(555\\d+)$">
    <action application="answer"/><action application="echo"/></condition></extension>"""


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("carrier")
    with Lab(folder, extra=CARRIER, inbound_burst=1000) as carrier:
        carrier.esl.ask(commands.events(["CHANNEL_CREATE", "CHANNEL_ANSWER", "CUSTOM", "sofia::register"]))
        yield carrier


@pytest.fixture(scope="module")
def lab(carrier: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("pbx"), gateways=gateway(carrier.sip_port)) as lab:
        lab.esl.ask(commands.events(["BACKGROUND_JOB"]))
        until(
            lambda: carrier.esl.api("sofia_contact", "1003").startswith("sofia"), "the gateway is registered"
        )
        yield lab


def test_a_call_goes_out_through_the_trunk(lab: Lab, carrier: Lab) -> None:
    result = lab.esl.job(
        "originate",
        "{origination_caller_id_number=4000,ignore_early_media=true}sofia/gateway/trunk/5551234 &park()",
    )
    assert result.startswith("+OK")
    rows = carrier.channels()
    assert [(row["dest"], row["cid_num"]) for row in rows] == [("5551234", "4000")]
    lab.esl.api("hupall")
    until(lambda: not carrier.channels(), "the carrier's leg ends")


def test_a_call_comes_in_through_the_trunk(lab: Lab, carrier: Lab) -> None:
    carrier.esl.ask(
        commands.bgapi("originate", "{origination_caller_id_number=13800000001}user/1003 &park()")
    )
    # The carrier rings our gateway's contact, whose user is the gateway's name: no such number here.
    until(lambda: not carrier.channels(), "refused")
    result = carrier.esl.api("originate", f"sofia/internal/4001@127.0.0.1:{lab.sip_port} &park()")
    assert result.startswith("+OK")
    until(lambda: not lab.channels() and not carrier.channels(), "the tone is over")


def test_refusals_come_through(lab: Lab) -> None:
    assert lab.esl.job("originate", "sofia/gateway/nowhere/1 &park()") == "-ERR INVALID_GATEWAY"
    # The carrier asks for a password for what is not one of its numbers, and lets no unknown number in.
    assert lab.esl.job("originate", "sofia/gateway/trunk/999 &park()").startswith("-ERR ")


def test_an_agent_dials_out(lab: Lab, carrier: Lab) -> None:
    phone = Raw(lab.sip_port)
    phone.say(phone.request("INVITE", "05559876", phone.sdp(), user="1001"))
    challenge = phone.hear(r"^SIP/2.0 407")
    auth = phone.authorization(challenge, "1001", SIP_PASSWORD, "INVITE", "sip:05559876@127.0.0.1")
    phone.say(phone.request("INVITE", "05559876", phone.sdp(), user="1001", proxy_authorization=auth))
    phone.learn(phone.hear(r"^SIP/2.0 200"))
    phone.ack("05559876")
    assert {row["dest"] for row in lab.channels()} == {"05559876", "5559876"}
    phone.say(phone.request("BYE", "05559876"))
    until(lambda: not lab.channels() and not carrier.channels(), "both legs end")
    phone.close()


def test_a_gateway_with_a_wrong_password_is_down(carrier: Lab, tmp_path: Path) -> None:
    with Lab(tmp_path, gateways=gateway(carrier.sip_port, "wrong")) as lab:
        until(lambda: "registration failed: 403" in lab.log.read_text(), "the refusal is logged")
        lab.esl.ask(commands.events(["BACKGROUND_JOB"]))
        assert lab.esl.job("originate", "sofia/gateway/trunk/5551234 &park()") == "-ERR GATEWAY_DOWN"


def test_reloadxml_brings_users_routes_and_gateways(tmp_path: Path) -> None:
    with Lab(tmp_path) as lab:
        users = lab.conf / "directory" / "users.xml"
        users.write_text(users.read_text().replace('id="1010"', 'id="1999"'))
        (lab.conf / "dialplan" / "more.xml").write_text(
            '<include><context name="inbound"><extension name="new"><condition field="destination_number"'
            ' expression="^7000$"><action application="answer"/><action application="hangup" data="17"/>'
            "</condition></extension></context></include>"
        )
        (lab.conf / "dialplan" / "broken.xml").write_text("<include><context")
        assert lab.esl.api("user_exists", "id 1999 x") == "false"
        assert lab.esl.api("reloadxml") == "+OK [Success]"
        assert lab.esl.api("user_exists", "id 1999 x") == "true"
        assert lab.esl.api("user_exists", "id 1010 x") == "false"
        phone = Raw(lab.sip_port)
        assert phone.call("7000").startswith("SIP/2.0 200")
        assert "USER_BUSY" in phone.hear(r"^BYE")
        phone.close()
        old = Raw(lab.sip_port)
        assert old.call("4001").startswith("SIP/2.0 200")
        old.close()
