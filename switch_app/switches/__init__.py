"""The voice shell: connections to a switch, orders to ESL, ESL to signals."""
