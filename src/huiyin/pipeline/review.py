"""The correction loop's files: uncertain tags out for a person to judge, judgements in, labelled data out.

A line of the review file is a tag (spec/tags.md, "A tag") with the words around it and the fields to fill in:
`verdict` (right, wrong, changed; or 对, 错, 改), of a changed one `new_stance` and `new_value`; `by`, `at`, `note` as
one likes. A line with no verdict is not judged yet. A tag that nobody found is added as a line of its own: verdict
`missing` (漏), with its conversation, type, stance, value, turns and quote.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from huiyin.domain.conversation import Conversation
from huiyin.domain.correction import VERDICT_LABELS, Correction, Verdict
from huiyin.domain.errors import FormatError, InputError, MissingFileError
from huiyin.domain.record import Record
from huiyin.domain.tag import Stance, Tag
from huiyin.domain.tags import TAG_TYPES
from huiyin.pipeline.ingest import fields, jsonl
from huiyin.pipeline.ingest.issue import Issue, error, warning
from huiyin.pipeline.ingest.text import read_source

BEFORE, AFTER = 3, 2
"""Turns shown before and after those that prove a tag."""
_TO_FILL_IN = ("verdict", "new_stance", "new_value", "by", "at", "note")
_JUDGED = ("conversation_id", "tag", "stance", "value", "turns", "quote")
_FOUND_BY = ("rule", "lexicon_version", "model_version")
_SHOWN = ("tag_label", "confidence", "choices", "context", "schema_version")
_VERDICTS = {**{v.value: v for v in Verdict}, **{label: Verdict(v) for v, label in VERDICT_LABELS.items()}}


def review_line(tag: Tag, conversation: Conversation) -> dict[str, Any]:
    """A tag as a line of the review file, with the turns around its proof and the choices of its type."""
    kind = TAG_TYPES[tag.tag]
    shown = {n for proof in tag.turns for n in range(proof - BEFORE, proof + AFTER + 1)}
    return {
        **{name: getattr(tag, name) for name in ("conversation_id", "tag")},
        "tag_label": kind.label,
        "stance": tag.stance.value,
        "value": tag.value,
        "turns": list(tag.turns),
        "quote": tag.quote,
        "confidence": tag.confidence,
        **{name: getattr(tag.proof, name) for name in _FOUND_BY},
        **dict.fromkeys(_TO_FILL_IN),
        "choices": dict(kind.choices or {}),
        "context": [
            {"turn": t.turn, "speaker": t.speaker.value, "text": t.text, "proof": t.turn in tag.turns}
            for t in conversation.turns
            if t.turn in shown
        ],
    }


class ReviewFile(Record):
    """What a review file holds. `dated` says for each judgement whether its line tells when it was made; `open` counts
    lines that are not judged yet."""

    corrections: tuple[Correction, ...] = ()
    dated: tuple[bool, ...] = ()
    issues: tuple[Issue, ...] = ()
    open: int = 0


Lookup = Callable[[str], Conversation | None]


def read_review(path: Path, conversation_of: Lookup, *, by: str, at: datetime) -> ReviewFile:
    """The judgements of the file, held against the conversations that they are about.

    A bad line is an error with file and line; the others still go in. `by` and `at` stand where a line has none.
    Raises MissingFileError where there is no file, InputError where it is no text.
    """
    if not path.is_file():
        raise MissingFileError(f"{path}: no such review file (`huiyin review export` writes one)")
    source, problems = read_source(path)
    if source is None:
        raise InputError(problems[0].render())
    reader = _Reader(conversation_of=conversation_of, by=by, at=at)
    issues: list[Issue] = list(problems)
    for line in jsonl.read_lines(source):
        if line.issue is not None:
            issues.append(line.issue)
            continue
        try:
            reader.take(line.data)
        except _BadError as bad:
            text = f"{bad}; the line is left out"
            issues.append(error(source.name, text, line=line.line, column=bad.column, value=bad.value))
            continue
        for name in reader.new_names(line.data):
            text = "unknown field, kept out (here and on later lines)"
            issues.append(warning(source.name, text, line=line.line, column=name))
    return ReviewFile(
        corrections=tuple(reader.corrections), dated=tuple(reader.dated), issues=tuple(issues), open=reader.open
    )


class _BadError(Exception):
    def __init__(self, column: str, message: str, value: object = None) -> None:
        super().__init__(message)
        self.column = column
        self.value = value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@dataclass(kw_only=True)
class _Reader:
    conversation_of: Lookup
    by: str
    at: datetime
    corrections: list[Correction] = field(default_factory=list)
    dated: list[bool] = field(default_factory=list)
    open: int = 0
    noted: set[str] = field(default_factory=set)

    def take(self, data: Mapping[str, Any]) -> None:
        said = data.get("verdict")
        if said is None or (isinstance(said, str) and not said.strip()):
            self.open += 1
            return
        verdict = _VERDICTS.get(said.strip()) if isinstance(said, str) else None
        if verdict is None:
            raise _BadError("verdict", f"is none of {', '.join(_VERDICTS)}", said)
        self.corrections.append(self._correction(data, verdict))
        self.dated.append(bool(data.get("at")))

    def new_names(self, data: Mapping[str, Any]) -> list[str]:
        known = {*_TO_FILL_IN, *_JUDGED, *_FOUND_BY, *_SHOWN, *self.noted}
        found = [name for name in data if name not in known]
        self.noted |= set(found)
        return found

    def _correction(self, data: Mapping[str, Any], verdict: Verdict) -> Correction:
        talk, key, turns, quote = self._words(data)
        missing = verdict is Verdict.MISSING
        new_value = data.get("new_value")
        facts: dict[str, Any] = {
            "conversation_id": talk.conversation_id,
            "tag": key,
            "stance": _stance(data.get("stance") or Stance.AFFIRMED, "stance"),
            "value": _value(key, data.get("value"), "value"),
            "turns": turns,
            "quote": quote,
            "verdict": verdict,
            "new_stance": _stance(data["new_stance"], "new_stance") if data.get("new_stance") else None,
            "new_value": None if new_value in (None, "", {}) else _value(key, new_value, "new_value"),
            "by": _text(data, "by") or self.by,
            "at": self._at(data),
            "note": _text(data, "note"),
            **{name: None if missing else _text(data, name) for name in _FOUND_BY},
        }
        try:
            return Correction.model_validate(facts)
        except ValidationError as problem:
            raise _BadError("verdict", str(problem.errors()[0]["msg"]), verdict.value) from None

    def _words(self, data: Mapping[str, Any]) -> tuple[Conversation, str, tuple[int, ...], str]:
        """The conversation, the type, the turns and the quote: all must fit each other."""
        for name in ("conversation_id", "tag", "turns", "quote"):
            if data.get(name) in (None, "", []):
                raise _BadError(name, "required value is missing", data.get(name))
        name = data["conversation_id"]
        talk = self.conversation_of(name) if isinstance(name, str) else None
        if talk is None:
            raise _BadError("conversation_id", "there is no such conversation in the database", name)
        if not isinstance(data["tag"], str) or data["tag"] not in TAG_TYPES:
            raise _BadError("tag", f"is none of {', '.join(TAG_TYPES)}", data["tag"])
        numbers, quote = data["turns"], data["quote"]
        if not isinstance(numbers, list) or not all(type(n) is int for n in numbers):
            raise _BadError("turns", "is not a list of turn numbers", numbers)
        known = {t.turn: t for t in talk.turns}
        for number in numbers:
            if number not in known:
                raise _BadError("turns", f"turn {number} is out of range", numbers)
        if not isinstance(quote, str) or not any(quote in known[n].text for n in numbers if not known[n].recalled):
            raise _BadError("quote", "is in none of its turns", quote)
        return talk, data["tag"], tuple(sorted(set(numbers))), quote

    def _at(self, data: Mapping[str, Any]) -> datetime:
        given = data.get("at")
        if not given:
            return self.at
        try:
            return fields.moment(str(given))
        except ValueError as problem:
            raise _BadError("at", str(problem), given) from None


def _stance(given: object, column: str) -> Stance:
    if given not in tuple(Stance):
        raise _BadError(column, "is neither affirmed nor negated", given)
    return Stance(str(given))


def _value(key: str, given: object, column: str) -> dict[str, Any]:
    if given is not None and not isinstance(given, Mapping):
        raise _BadError(column, "is not an object", given)
    try:
        return TAG_TYPES[key].normalise(given or {})
    except FormatError as problem:
        raise _BadError(column, str(problem), given) from None


def _text(data: Mapping[str, Any], name: str) -> str | None:
    given = data.get(name)
    if given is not None and not isinstance(given, str):
        raise _BadError(name, "is not text", given)
    return given or None


def labelled_line(conversation: Conversation, tags: Sequence[Tag]) -> dict[str, Any]:
    """A conversation with its tags as labels, in the format of labelled data (spec/tags.md): turns of advisor and
    client alone, numbered anew."""
    kept = [t for t in conversation.turns if t.speaker.value in ("advisor", "client") and t.text and not t.recalled]
    number = {t.turn: at for at, t in enumerate(kept)}
    return {
        "conversation_id": conversation.conversation_id,
        "channel": conversation.channel.value,
        "client_id": conversation.client_id,
        "advisor_id": conversation.advisor_id,
        "started_at": conversation.started_at.isoformat(),
        "turns": [
            {"turn": number[t.turn], "speaker": t.speaker.value, "start": t.start, "end": t.end, "text": t.text}
            for t in kept
        ],
        "tags": [
            {
                "tag": tag.tag,
                "stance": tag.stance.value,
                "value": tag.value,
                "turns": [number[n] for n in tag.turns if n in number],
                "quote": tag.quote,
            }
            for tag in tags
            if any(n in number for n in tag.turns)
        ],
    }


def is_settled(tags: Sequence[Tag], corrections: Sequence[Correction], *, trust: float) -> bool:
    """Whether a conversation can serve as labelled data: somebody judged it, and every tag that nobody judged has at
    least the confidence `trust`. `tags` as they stand once the corrections have been applied."""
    if not corrections:
        return False
    return all(t.confidence >= trust or any(c.concerns(t) or c.made(t) for c in corrections) for t in tags)
