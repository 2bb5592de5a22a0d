"""Flows: steps, sessions and what they say."""
