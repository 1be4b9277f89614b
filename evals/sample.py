"""The sample folder against its truth: audit from true tags, and true tags found from audio to report.

    python evals/sample.py [sample_audio] [--no-audio] [--json]

1. Audit: with the true words and the true tags, every lead's due time, status, outcome and in_window.
2. End to end: recordings are transcribed and tagged, and the tags compared with the true ones (a match as in
   spec/tags.md: type, stance, discriminator, within one conversation). `--no-audio` tags the true words instead.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from huiyin.domain.lead import AuditedLead
from huiyin.domain.tags import TAG_TYPES
from huiyin.pipeline.ingest.dataset import Dataset
from huiyin.pipeline.ingest.folder import read_folder
from huiyin.pipeline.ingest.given_tags import read_tags
from huiyin.pipeline.reference import load_calendar, load_policy
from huiyin.pipeline.run import RunResult, audit_dataset, run
from huiyin.pipeline.transcribe.cache import FolderTranscriptCache
from huiyin.pipeline.transcribe.protocol import Recognizer, ScriptedRecognizer
from huiyin.pipeline.transcribe.weights import cache_root

AS_OF = datetime.fromisoformat("2026-03-23T09:00:00+08:00")
COMPARED = ("due_at", "status", "outcome", "in_window")


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def with_true_words(folder: Path, into: Path) -> Dataset:
    """The data folder with the true words of its calls in place of the recordings."""
    for name in ("clients.csv", "advisors.csv", "calls.csv", "events.csv", "wecom.jsonl", "policy.yaml"):
        if (folder / name).is_file():
            shutil.copy(folder / name, into / name)
    shutil.copy(folder / "truth" / "transcripts.jsonl", into / "transcripts.jsonl")
    return read_folder(into)


def audit_against_truth(folder: Path) -> dict[str, Any]:
    """What differs between the audit of the true tags and the leads worked out by hand."""
    with tempfile.TemporaryDirectory() as made:
        dataset = with_true_words(folder, Path(made))
    given = read_tags(folder / "truth" / "tags.jsonl", dataset.conversations)
    policy = load_policy(dataset.policy)
    leads = audit_dataset(
        dataset, dataset.conversations, given.tags, policy=policy, calendar=load_calendar(policy), as_of=AS_OF
    )
    truth = {key_of(t): t for t in lines(folder / "truth" / "leads.jsonl")}
    found = {key_of(lead.as_line()): lead for lead in leads}
    wrong = [f"not found: {key}" for key in truth.keys() - found.keys()]
    wrong += [f"not in the truth: {key}" for key in found.keys() - truth.keys()]
    wrong += [w for key in truth.keys() & found.keys() for w in _differences(key, truth[key], found[key])]
    return {
        "leads": len(truth),
        "equal": len(truth) - sum(1 for k in truth if k not in found or _differences(k, truth[k], found[k])),
        "issues": [i.render() for i in given.issues],
        "wrong": sorted(wrong),
    }


def key_of(lead: dict[str, Any]) -> tuple[str, str, str, str]:
    """What tells a lead apart: client, tag, discriminator, opening to the minute."""
    return (lead["client_id"], lead["tag"], str(lead["discriminator"]), lead["opened_at"][:16])


def _differences(key: tuple[str, ...], truth: dict[str, Any], found: AuditedLead) -> list[str]:
    line = found.as_line()
    out = []
    for name in COMPARED:
        a, b = truth.get(name), line[name]
        same = a[:16] == b[:16] if name == "due_at" and a and b else a == b
        if not same:
            out.append(f"{' '.join(key)}: {name} is {b}, truth {a}")
    return out


def tags_against_truth(folder: Path, result: RunResult) -> dict[str, Any]:
    """How many true tags were found, and how many of the found ones are true, by channel and type."""
    truth = lines(folder / "truth" / "tags.jsonl")
    predicted = [t.model_dump(mode="json") for t in result.tags]
    hits: Counter[str] = Counter()
    left = Counter(_tag_key(t) for t in predicted)
    missed: list[str] = []
    by_type: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for tag in truth:
        channel = "chat" if tag["conversation_id"].startswith("wecom:") else "call"
        by_type[tag["tag"]][1] += 1
        hits[f"{channel}_true"] += 1
        if left[_tag_key(tag)]:
            left[_tag_key(tag)] -= 1
            hits[f"{channel}_found"] += 1
            by_type[tag["tag"]][0] += 1
        else:
            missed.append(f"{tag['conversation_id']} {tag['tag']} {tag['stance']} {tag['value']} {tag['quote']}")
    found = hits["call_found"] + hits["chat_found"]
    return {
        "true": len(truth),
        "predicted": len(predicted),
        "found": found,
        "recall": found / len(truth),
        "precision": found / len(predicted) if predicted else None,
        "calls": f"{hits['call_found']}/{hits['call_true']}",
        "chats": f"{hits['chat_found']}/{hits['chat_true']}",
        "by_type": {k: f"{a}/{b}" for k, (a, b) in sorted(by_type.items())},
        "missed": missed,
        "spurious": sorted(" ".join(map(str, k)) for k, n in left.items() for _ in range(n)),
    }


def _tag_key(tag: dict[str, Any]) -> tuple[str, str, str, str]:
    found = TAG_TYPES[tag["tag"]].discriminate(tag["value"])
    return (tag["conversation_id"], tag["tag"], tag["stance"], str(found))


def _recognizer() -> Recognizer:
    from huiyin.pipeline.transcribe.faster_whisper_recognizer import FasterWhisperRecognizer

    return FasterWhisperRecognizer()


def _no_recognizer() -> Recognizer:
    return ScriptedRecognizer([])


def end_to_end(folder: Path, *, audio: bool) -> RunResult:
    """The run of the sample, from audio or from the true words."""
    if audio:
        cache = FolderTranscriptCache(cache_root() / "transcripts")
        return run(read_folder(folder), as_of=AS_OF, recognizer=_recognizer, cache=cache)
    with tempfile.TemporaryDirectory() as made:
        dataset = with_true_words(folder, Path(made))
        voiceless = dataset.model_copy(update={"voice_messages": ()})
        return run(voiceless, as_of=AS_OF, recognizer=_no_recognizer, cache=FolderTranscriptCache(Path(made)))


def _print(title: str, figures: dict[str, Any], lists: Iterable[str]) -> None:
    print(title)
    for name, value in figures.items():
        if name not in lists:
            print(f"  {name:12} {value if not isinstance(value, float) else f'{value:.3f}'}")
    for name in lists:
        for entry in figures[name]:
            print(f"  {name}: {entry}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("sample_audio"))
    parser.add_argument("--no-audio", action="store_true", help="tag the true words, not the recognised ones")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    audited = audit_against_truth(args.folder)
    tagged = tags_against_truth(args.folder, end_to_end(args.folder, audio=not args.no_audio))
    if args.json:
        print(json.dumps({"audit": audited, "tags": tagged}, ensure_ascii=False, indent=2))
    else:
        _print("audit, true words and true tags given", audited, ("issues", "wrong"))
        _print("tags, " + ("true words" if args.no_audio else "from audio"), tagged, ("missed", "spurious"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
