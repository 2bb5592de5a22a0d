"""FreeSWITCH XML as far as the embedded switch reads it: dialplan, directory, variables."""
