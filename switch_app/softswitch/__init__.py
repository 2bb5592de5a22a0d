"""The embedded switch: a SIP/RTP switch in one process and one thread that speaks FreeSWITCH's Event Socket."""
