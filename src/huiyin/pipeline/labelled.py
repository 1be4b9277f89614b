"""Labelled conversations: one a line, with its `tags` (spec/tags.md, "A conversation", "A tag")."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from huiyin.domain.conversation import Conversation
from huiyin.domain.errors import FormatError, MissingFileError
from huiyin.domain.record import Record
from huiyin.domain.tag import Stance
from huiyin.domain.tags import TAG_TYPES


class Label(Record):
    """A tag as a person labelled it; `value` as written, `turns` the numbers of the turns that prove it."""

    tag: str
    stance: Stance = Stance.AFFIRMED
    value: dict[str, Any] = Field(default_factory=dict)
    turns: tuple[int, ...] = Field(min_length=1)
    quote: str = ""


class Labelled(Record):
    """A conversation with all that there is to find in it."""

    conversation: Conversation
    labels: tuple[Label, ...]


def read_labelled(paths: Iterable[Path]) -> tuple[Labelled, ...]:
    """The labelled conversations of the files, in order.

    Raises MissingFileError, or FormatError that names file and line: figures over half of the labels are none.
    """
    out: list[Labelled] = []
    seen: dict[str, str] = {}
    for path in paths:
        if not path.is_file():
            raise MissingFileError(f"{path}: no such file of labelled conversations")
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not text.strip():
                continue
            where = f"{path.name}:{number}"
            one = _read(text, where)
            name = one.conversation.conversation_id
            if name in seen:
                raise FormatError(f"{where}: the conversation {name} stands already at {seen[name]}")
            seen[name] = where
            out.append(one)
    return tuple(out)


def _read(text: str, where: str) -> Labelled:
    try:
        data = json.loads(text)
    except ValueError as problem:
        raise FormatError(f"{where}: is not JSON: {problem}") from None
    if not isinstance(data, dict) or not isinstance(data.get("tags"), list):
        raise FormatError(f'{where}: is no conversation with a list of "tags"')
    labels = data.pop("tags")
    try:
        talk = Conversation.model_validate(data)
        found = tuple(Label.model_validate(_known(label)) for label in labels)
    except ValidationError as problem:
        first = problem.errors()[0]
        raise FormatError(f"{where}: {'.'.join(str(p) for p in first['loc'])}: {first['msg']}") from None
    turns = {t.turn for t in talk.turns}
    for label in found:
        _check(label, turns, where)
    return Labelled(conversation=talk, labels=found)


def _known(label: object) -> Mapping[str, Any]:
    if not isinstance(label, dict):
        return {}
    return {name: label[name] for name in Label.model_fields if label.get(name) is not None}


def _check(label: Label, turns: set[int], where: str) -> None:
    if label.tag not in TAG_TYPES:
        raise FormatError(f"{where}: {label.tag!r} is no tag type: {', '.join(TAG_TYPES)}")
    if not set(label.turns) <= turns:
        raise FormatError(f"{where}: {label.tag}: turns {list(label.turns)} are not all in the conversation")
    kind = TAG_TYPES[label.tag]
    if kind.choices is not None:
        try:
            kind.normalise(label.value)
        except FormatError as problem:
            raise FormatError(f"{where}: {problem}") from None
