"""Making the recordings in sounds/ (on a developer's machine; the product runs without)."""
