"""Answers that were given before: a re-run asks nothing twice, and finds the same tags."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from huiyin.pipeline.llm.model import Reply
from huiyin.taggers.llm.schema import Prompt, answer_schema

VERSION = 1


def digest_of(model: str, prompt: Prompt) -> str:
    """All that an answer depends on: the model's name, the words sent, the schema."""
    parts = (str(VERSION), model, prompt.system, prompt.user, json.dumps(answer_schema(), sort_keys=True))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


class AnswerCache(Protocol):
    """Keeps answers by `digest_of`; failures are never kept. Both methods may be called from several threads."""

    def get(self, digest: str) -> Reply | None: ...

    def put(self, digest: str, reply: Reply) -> None: ...


class MemoryAnswerCache:
    """In memory, for tests and for runs that shall leave nothing behind."""

    def __init__(self) -> None:
        self._kept: dict[str, Reply] = {}

    def get(self, digest: str) -> Reply | None:
        return self._kept.get(digest)

    def put(self, digest: str, reply: Reply) -> None:
        self._kept[digest] = reply


class FolderAnswerCache:
    """One JSON file an answer, written aside and renamed. They quote clients: the folder is its owner's alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, digest: str) -> Reply | None:
        try:
            data = json.loads(self._path(digest).read_bytes())
            return Reply(text=str(data["text"]), tokens_in=data["tokens_in"], tokens_out=data["tokens_out"])
        except (OSError, ValueError, KeyError, TypeError):  # not there, or spoilt: asked anew
            return None

    def put(self, digest: str, reply: Reply) -> None:
        path = self._path(digest)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        kept = {"text": reply.text, "tokens_in": reply.tokens_in, "tokens_out": reply.tokens_out}
        handle, name = tempfile.mkstemp(prefix=".writing-", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(json.dumps(kept).encode())
            Path(name).replace(path)
        except BaseException:  # Ctrl-C as well: leave no half file behind
            with suppress(FileNotFoundError):
                Path(name).unlink()
            raise

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / f"{digest}.json"
