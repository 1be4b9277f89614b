"""What a run writes: JSON lines, whole or not at all (spec/formats.md, "What comes out")."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from huiyin.domain.errors import InputError
from huiyin.pipeline.ingest.dataset import write_rejects
from huiyin.pipeline.run import RunResult


def write_outputs(folder: Path, result: RunResult) -> list[Path]:
    """conversations, tags, profiles, leads and rejects as JSON lines; returns the files. Same result, same bytes."""
    prepare_folder(folder)
    written = [
        write_lines(folder / "conversations.jsonl", (c.model_dump(mode="json") for c in result.conversations)),
        write_lines(folder / "tags.jsonl", (t.model_dump(mode="json") for t in result.tags)),
        write_lines(folder / "profiles.jsonl", (p.as_line() for p in result.profiles)),
        write_lines(folder / "leads.jsonl", (lead.as_line() for lead in result.leads)),
    ]
    rejects = folder / "rejects.jsonl"
    write_rejects(rejects, result.dataset)
    return [*written, rejects]


def prepare_folder(folder: Path) -> None:
    """Makes the output folder. Raises InputError where a file stands in its place or it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{folder}: is a file; --out wants a folder") from None
    except OSError as problem:
        raise InputError(f"{folder}: cannot be made: {problem.strerror}") from None


def write_lines(path: Path, lines: Iterable[dict[str, Any]]) -> Path:
    """One JSON object a line, UTF-8, written aside and renamed."""
    return write_text(path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def write_text(path: Path, text: str) -> Path:
    """The text in a file that is whole or, after a crash, as it was before."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    return path
