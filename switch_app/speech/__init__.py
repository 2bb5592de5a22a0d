"""Speaking at run time: texts that have no recording, by a voice that is on this machine."""
