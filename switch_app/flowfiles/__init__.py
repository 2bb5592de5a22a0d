"""Flow files and prompts: text on disk to the core's plain models."""
