"""The sample folder, run once for all tests from its true words and true tags: no recogniser is loaded."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path

from huiyin.pipeline.ingest.folder import read_folder
from huiyin.pipeline.ingest.given_tags import read_tags
from huiyin.pipeline.run import RunResult, run
from huiyin.pipeline.transcribe.cache import MemoryTranscriptCache
from huiyin.pipeline.transcribe.protocol import ScriptedRecognizer

SAMPLE = Path(__file__).resolve().parents[2] / "sample_audio"
AS_OF = datetime.fromisoformat("2026-03-23T09:00:00+08:00")
FILES = ("clients.csv", "advisors.csv", "calls.csv", "events.csv", "wecom.jsonl")


def copy_sample(into: Path) -> Path:
    """The sample as a data folder whose calls have their true words; recordings are not copied."""
    into.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(SAMPLE / name, into / name)
    shutil.copy(SAMPLE / "truth" / "transcripts.jsonl", into / "transcripts.jsonl")
    return into


@cache
def sample_result() -> RunResult:
    """Everything that a run of the sample finds, given the true tags."""
    with tempfile.TemporaryDirectory() as made:
        folder = copy_sample(Path(made) / "sample")
        shutil.copytree(SAMPLE / "media", folder / "media")
        dataset = read_folder(folder)
        return run(
            dataset.model_copy(update={"voice_messages": ()}),  # they would be listened to
            as_of=AS_OF,
            recognizer=lambda: ScriptedRecognizer([]),
            cache=MemoryTranscriptCache(),
            given_tags=lambda talks: read_tags(SAMPLE / "truth" / "tags.jsonl", talks).tags,
        )
