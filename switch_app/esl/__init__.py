"""The Event Socket wire of FreeSWITCH, both roles, without any I/O.

Bytes go in and messages come out (`wire`), words go in and bytes come out (`commands`: application
to switch, `replies`: switch to application). Rules are those of mod_event_socket.c, 1.11.
"""
