"""Automatic call distribution: who gets which work, when, and why. Pure; one stream, `floor`."""
