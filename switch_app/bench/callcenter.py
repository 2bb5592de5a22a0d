"""mod_callcenter as the one to beat: the same agents' phones, tuned for speed (wrap_up_time -1)."""

from __future__ import annotations

from collections.abc import Iterable

QUEUE = "bench@default"
_EXTENSION = """
    <extension name="bench_callcenter">
      <condition field="destination_number" expression="^{number}$">
        <action application="answer"/>
        <action application="callcenter" data="{queue}"/>
        <action application="hangup"/>
      </condition>
    </extension>
"""
_CONFIGURATION = """<include>
  <configuration name="callcenter.conf">
    <settings><param name="truncate-tiers-on-load" value="true"/></settings>
    <queues>
      <queue name="{queue}">
        <param name="strategy" value="longest-idle-agent"/>
        <param name="moh-sound" value="silence_stream://-1"/>
        <param name="time-base-score" value="system"/>
        <param name="max-wait-time" value="0"/>
        <param name="tier-rules-apply" value="false"/>
        <param name="abandoned-resume-allowed" value="false"/>
      </queue>
    </queues>
    <agents>{agents}</agents>
    <tiers>{tiers}</tiers>
  </configuration>
</include>
"""
_AGENT = (
    '<agent name="{0}" type="callback" contact="user/{0}@127.0.0.1" status="Logged Out" max-no-answer="0" '
    'wrap-up-time="-1" reject-delay-time="0" busy-delay-time="0"/>'
)
_TIER = '<tier agent="{0}" queue="{1}" level="1" position="1"/>'


def extension(number: str) -> str:
    """A number of the inbound context that leads to its queue."""
    return _EXTENSION.format(number=number, queue=QUEUE)


def configuration(agents: Iterable[str]) -> str:
    """callcenter.conf.xml; all agents are logged out until told."""
    known = tuple(agents)
    return _CONFIGURATION.format(
        queue=QUEUE,
        agents="".join(_AGENT.format(agent) for agent in known),
        tiers="".join(_TIER.format(agent, QUEUE) for agent in known),
    )
