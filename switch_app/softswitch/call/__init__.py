"""Channels: their states, variables, bridges and how they are originated."""
