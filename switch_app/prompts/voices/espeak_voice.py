"""Both languages by espeak-ng (Debian: espeak-ng): robotic, but free of any condition on its use."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

VOICE = {"zh": "cmn", "en": "en-us"}


def main() -> int:
    request = json.load(sys.stdin)
    if shutil.which("espeak-ng") is None:
        sys.stderr.write("no espeak-ng here: apt-get install espeak-ng\n")
        return 3
    for prompt in request["prompts"]:
        command = ["espeak-ng", "-v", VOICE[request["language"]], "-b", "1", "-s", "150"]
        command += ["-w", prompt["out"], "--stdin"]  # -b 1: UTF-8, not a guess; no -m: no markup
        subprocess.run(command, check=True, input=prompt["text"].encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
