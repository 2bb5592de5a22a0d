"""English by festival with the HTS voice slt (Debian: festival festvox-us-slt-hts). 32 kHz."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

VOICE = "voice_cmu_us_slt_arctic_hts"


def quoted(text: str) -> str:
    """A Scheme string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def spoken(text: str, lexicon: dict) -> str:
    for word, reading in lexicon.items():
        text = re.sub(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", reading.replace("\\", ""), text)
    return text


def main() -> int:
    request = json.load(sys.stdin)
    if shutil.which("festival") is None:
        sys.stderr.write("no festival here: apt-get install festival festvox-us-slt-hts\n")
        return 3
    lines = [f"({VOICE})"]
    for prompt in request["prompts"]:
        text = quoted(spoken(prompt["text"], request["lexicon"]))
        lines.append(f"(utt.save.wave (utt.synth (Utterance Text {text})) {quoted(prompt['out'])} 'riff)")
    done = subprocess.run(["festival", "--pipe"], input="\n".join(lines).encode(), capture_output=True)
    sys.stderr.write(done.stderr.decode(errors="replace"))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
