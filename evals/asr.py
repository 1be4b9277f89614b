"""Character error rate, speaker accuracy and speed of transcription, against recordings whose words are known.

    python evals/asr.py sample_audio              a table
    python evals/asr.py sample_audio --json       the same as JSON
    python evals/asr.py sample_audio --mix        each stereo call mixed to mono first: how well are speakers told apart

Beside each recording `<name>.<ext>` stands `<name>.truth.json`: `{"turns": [{"speaker", "start", "end", "text"}],
"advisor_channel": 0}`. CER: OpenCC t2s, no punctuation, Arabic numerals spelled in Chinese, edits over reference
characters of the whole call in order of time. SA-CER counts each speaker's characters by themselves, so that a word
given to the wrong speaker is two errors. Speaker: the share of recognised words that lie in a turn of the truth
(0.3 s of tolerance, nobody else speaking) and bear its speaker.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import sys
import tempfile
import time
import wave
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from huiyin.domain.conversation import Turn
from huiyin.pipeline.transcribe.audio import load_audio
from huiyin.pipeline.transcribe.faster_whisper_recognizer import FasterWhisperRecognizer
from huiyin.pipeline.transcribe.protocol import SAMPLE_RATE
from huiyin.pipeline.transcribe.text import simplified
from huiyin.pipeline.transcribe.transcribe import Transcript, transcribe_recording
from huiyin.pipeline.transcribe.weights import resolve_weights

AUDIO = (".wav", ".mp3", ".m4a", ".amr", ".ogg", ".flac")
_TOLERANCE_S = 0.3
_DIGITS = "零一二三四五六七八九"
_NUMBER = re.compile(r"(\d+(?:,\d{3})+|\d+)(?:\.(\d+))?(%?)")
_COUNTED = "个年次天块千百万亿位点笔只套"


def spoken(match: re.Match[str]) -> str:
    """An Arabic number as it is said: 3.5% → 百分之三点五, 30 → 三十, 600519 → digit by digit."""
    whole, decimals, percent = match.group(1).replace(",", ""), match.group(2), match.group(3)
    following = match.string[match.end() : match.end() + 1]
    if whole == "2" and not decimals and not percent and following and following in _COUNTED:
        return "两"
    is_code = (len(whole) == 4 and following == "年") or match.string.startswith("开头", match.end())
    if is_code or len(whole) > 5 or (len(whole) > 1 and whole[0] == "0"):
        text = "".join(_DIGITS[int(digit)] for digit in whole)
    else:
        text = _integer(int(whole))
    if decimals:
        text += "点" + "".join(_DIGITS[int(digit)] for digit in decimals)
    return f"百分之{text}" if percent else text


def _integer(value: int) -> str:
    if value >= 10_000:
        rest = value % 10_000
        gap = "零" if 0 < rest < 1000 else ""
        return _integer(value // 10_000) + "万" + (gap + _integer(rest) if rest else "")
    text, pending_zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            text += ("零" if pending_zero else "") + _DIGITS[digit] + name
            pending_zero = False
        elif text:
            pending_zero = True
    text = text or "零"
    return text[1:] if text.startswith("一十") else text


def plain(text: str) -> str:
    """The text as it is compared: simplified, numbers spelled, letters lowered, nothing but letters and characters."""
    return re.sub(r"[\W_]+", "", _NUMBER.sub(spoken, simplified(text))).lower()


@dataclass(frozen=True, kw_only=True)
class Row:
    file: str
    state: str
    audio_s: float
    characters: int
    errors: int
    sa_errors: int
    words_judged: int
    words_right: int
    wall_s: float
    cpu_s: float
    note: str | None

    @property
    def cer(self) -> float:
        return self.errors / self.characters if self.characters else 0.0


def measure(path: Path, truth: dict[str, Any], recognizer: FasterWhisperRecognizer, *, mix: bool) -> Row:
    wall, cpu = time.perf_counter(), time.process_time()
    channel = None if mix else truth.get("advisor_channel")
    transcript = transcribe_recording(path, recognizer, advisor_channel=channel)
    wall_s, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    turns = truth["turns"]
    reference = plain("".join(turn["text"] for turn in sorted(turns, key=lambda turn: turn["start"])))
    heard = plain("".join(turn.text for turn in transcript.turns))
    _check_against_jiwer(reference, heard)
    right, judged = _speakers(transcript.turns, turns)
    return Row(
        file=path.name,
        state=transcript.state.value,
        audio_s=transcript.duration_s or 0.0,
        characters=len(reference),
        errors=Levenshtein.distance(reference, heard),
        sa_errors=_by_speaker(transcript, turns),
        words_judged=judged,
        words_right=right,
        wall_s=wall_s,
        cpu_s=cpu_s,
        note=transcript.note,
    )


def _by_speaker(transcript: Transcript, turns: Sequence[dict[str, Any]]) -> int:
    errors = 0
    for speaker in ("advisor", "client"):
        said = plain("".join(turn["text"] for turn in turns if turn["speaker"] == speaker))
        heard = plain("".join(turn.text for turn in transcript.turns if turn.speaker == speaker))
        errors += Levenshtein.distance(said, heard)
    return errors


def _speakers(turns: Sequence[Turn], truth: Sequence[dict[str, Any]]) -> tuple[int, int]:
    right = judged = 0
    for turn in turns:
        for word in turn.words:
            middle = (word.start + word.end) / 2
            near = {
                one["speaker"] for one in truth if one["start"] - _TOLERANCE_S <= middle <= one["end"] + _TOLERANCE_S
            }
            if len(near) == 1:
                judged += 1
                right += turn.speaker in near
    return right, judged


def _check_against_jiwer(reference: str, heard: str) -> None:
    """The same figure from the tool that everybody uses, where it is installed."""
    try:
        import jiwer
    except ImportError:
        return
    if reference and heard:
        ours = Levenshtein.distance(reference, heard) / len(reference)
        assert abs(ours - jiwer.cer(reference, heard)) < 1e-9, "CER differs from jiwer's"


def recordings(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.rglob("*")):
        truth = path.with_suffix(".truth.json")
        if path.suffix.lower() in AUDIO and truth.is_file():
            yield path, json.loads(truth.read_text(encoding="utf-8"))


def _mixed(path: Path, folder: Path) -> Path:
    mono = load_audio(path).channels.mean(axis=0)
    target = folder / f"{path.stem}.wav"
    with wave.open(str(target), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes((np.clip(mono, -1, 1) * 32767).astype("<i2").tobytes())
    return target


def totals(rows: Sequence[Row]) -> dict[str, float]:
    characters = sum(row.characters for row in rows) or 1
    audio_s = sum(row.audio_s for row in rows) or 1.0
    return {
        "files": len(rows),
        "audio_s": round(audio_s, 1),
        "cer": round(sum(row.errors for row in rows) / characters, 4),
        "sa_cer": round(sum(row.sa_errors for row in rows) / characters, 4),
        "speaker": round(sum(row.words_right for row in rows) / (sum(row.words_judged for row in rows) or 1), 4),
        "rtf_wall": round(sum(row.wall_s for row in rows) / audio_s, 4),
        "rtf_cpu": round(sum(row.cpu_s for row in rows) / audio_s, 4),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0),
    }


def _print_table(rows: Sequence[Row], summary: dict[str, float]) -> None:
    print(f"{'file':24} {'s':>6} {'CER %':>6} {'SA-CER':>6} {'speaker':>7} {'wall RTF':>8} {'CPU RTF':>8}  state, note")
    for row in rows:
        speaker = row.words_right / row.words_judged if row.words_judged else 0.0
        sa = row.sa_errors / (row.characters or 1)
        audio_s = row.audio_s or 1.0
        print(
            f"{row.file:24} {row.audio_s:6.1f} {row.cer:6.1%} {sa:6.1%} {speaker:7.1%} {row.wall_s / audio_s:8.3f} "
            f"{row.cpu_s / audio_s:8.3f}  {row.state}; {row.note or ''}"
        )
    print(
        f"{'all':24} {summary['audio_s']:6.0f} {summary['cer']:6.1%} {summary['sa_cer']:6.1%} "
        f"{summary['speaker']:7.1%} "
        f"{summary['rtf_wall']:8.3f} {summary['rtf_cpu']:8.3f}  peak RSS {summary['peak_rss_mb']:.0f} MB"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", help="a size or a folder with weights; the base model if left out")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--mix", action="store_true", help="mix stereo to mono first, and hide which side is whose")
    parser.add_argument("--only", help="files whose name holds this")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    recognizer = FasterWhisperRecognizer(
        resolve_weights(options.model), beam_size=options.beam, workers=options.workers
    )
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for path, truth in recordings(options.folder):
            if options.only and options.only not in path.name:
                continue
            source = _mixed(path, Path(scratch)) if options.mix else path
            rows.append(measure(source, truth, recognizer, mix=options.mix))
    if not rows:
        print(f"{options.folder}: no recording with a .truth.json beside it", file=sys.stderr)
        return 2
    summary = totals(rows)
    if options.json:
        print(json.dumps({"recognizer": recognizer.name, "total": summary, "files": [asdict(row) for row in rows]}))
    else:
        _print_table(rows, summary)
    return 0


if __name__ == "__main__":
    sys.exit(main())
