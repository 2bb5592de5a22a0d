"""English by flite, voice slt (Debian: flite). 16 kHz; plainer than festival's."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path


def main() -> int:
    request = json.load(sys.stdin)
    if shutil.which("flite") is None:
        sys.stderr.write("no flite here: apt-get install flite\n")
        return 3
    for prompt in request["prompts"]:
        text = prompt["text"]
        for word, reading in request["lexicon"].items():
            text = text.replace(word, reading)
        words = Path(prompt["out"]).with_suffix(".txt")  # never among the arguments
        words.write_text(text, encoding="utf-8")
        command = ["flite", "-voice", "slt", "-o", prompt["out"], "-f", str(words)]
        try:
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        finally:
            words.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
