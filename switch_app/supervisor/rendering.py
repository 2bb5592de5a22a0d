"""The embedded switch's dialplan and directory, in FreeSWITCH's XML."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from ..secrets_store import Secrets
from ..settings import Settings

_DIALPLAN = """<include>
  <context name="inbound">
    <extension name="recover">
      <condition field="destination_number" expression="^recover$">
        <action application="socket" data="{call_server} async full"/>
        <action application="playback" data="tone_stream://%(2000,4000,440,480)"/>
        <action application="transfer" data="recover XML inbound"/>
      </condition>
    </extension>
    <extension name="entry">
      <condition field="destination_number" expression="^(\\d+)$">
        <action application="set" data="interaction_id=${{uuid}}"/>
        <action application="set" data="max_session_transfers=1000000"/>
        <action application="set" data="socket_resume=true"/>
        <action application="socket" data="{call_server} async full"/>
        <action application="transfer" data="recover XML inbound"/>
      </condition>
    </extension>
  </context>
</include>
"""


def render(settings: Settings, secrets: Secrets, agents: Sequence[str], folder: Path) -> None:
    """Write dialplan/ directory/ gateways/ under `folder`, readable by its owner alone."""
    for name in ("dialplan", "directory", "gateways"):
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / "dialplan" / "inbound.xml").write_text(_DIALPLAN.format(call_server=settings.call_server))
    users = "\n".join(_user(number, secrets.agents[number].sip_password) for number in agents)
    (folder / "directory" / "agents.xml").write_text(
        f"<include>\n  <domain name={quoteattr(settings.domain)}>\n{users}\n  </domain>\n</include>\n"
    )


def _user(number: str, password: str) -> str:
    return (
        f"    <user id={quoteattr(number)}>"
        f'<params><param name="password" value={quoteattr(password)}/></params>'
        f'<variables><variable name="user_context" value="agents"/></variables></user>'
    )
