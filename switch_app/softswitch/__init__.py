"""The embedded switch: SIP and RTP in one process and one thread, speaking FreeSWITCH's Event Socket."""
