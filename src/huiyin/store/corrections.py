"""Keeps what people said of tags, with its history: a later word on a fact ends the earlier one, nothing is deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from huiyin.domain.correction import Correction, Fact
from huiyin.domain.errors import NotFoundError
from huiyin.store import rows
from huiyin.store.engine import Store
from huiyin.store.rows import Row, storable
from huiyin.store.tables import CorrectionRow, table

CORRECTIONS = table(CorrectionRow)
_AS_THEY_ARE = ("conversation_id", "tag", "quote", "note", "rule", "lexicon_version", "model_version")


@dataclass(frozen=True, kw_only=True)
class SavedCorrections:
    """`added`: of facts that nobody had judged; `changed`: in place of an earlier word; `known`: on record already,
    or older than the word on record."""

    added: int = 0
    changed: int = 0
    known: int = 0


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A judgement and when it was said: `dated` false means that the time is only that of taking it in."""

    correction: Correction
    dated: bool = True


def save_corrections(
    store: Store, judged: Iterable[Judged], *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> SavedCorrections:
    """Takes judgements in, all or none. The same given again changes nothing; an older one than that on record neither.

    One without a date is new only where this very judgement was never on record: an old file must not undo what was
    judged since.
    """
    counts = {"added": 0, "changed": 0, "known": 0}
    with store.write() as connection:
        at = now()
        for one in judged:
            counts[_take(connection, one, at)] += 1
    return SavedCorrections(**counts)


def withdraw_correction(store: Store, fact: Fact, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Takes the judgement of a fact back; it stays in the history. Raises NotFoundError where there is none."""
    with store.write() as connection:
        ended = update(CORRECTIONS).where(_of(fact), CORRECTIONS.c.valid_to.is_(None)).values(valid_to=now())
        if connection.execute(ended).rowcount == 0:
            raise NotFoundError(f"the conversation {fact.conversation_id} has no such judgement: reload the page")


def _take(connection: Connection, judged: Judged, at: datetime) -> str:
    row = _row(judged.correction, at)
    known = select(CORRECTIONS).where(_of(judged.correction.fact)).order_by(CORRECTIONS.c.id.desc())
    past = [dict(found) for found in connection.execute(known).mappings()]
    present = next((found for found in past if found["valid_to"] is None), None)
    if _is_known(row, present, past, dated=judged.dated):
        return "known"
    if present is not None:
        ended = update(CORRECTIONS).where(CORRECTIONS.c.id == present["id"]).values(valid_to=at)
        connection.execute(ended)
    connection.execute(insert(CORRECTIONS), [storable(row)])
    return "added" if present is None else "changed"


def _is_known(row: Row, present: Row | None, past: Iterable[Row], *, dated: bool) -> bool:
    if present is not None and present["digest"] == row["digest"]:
        return True
    if dated:
        latest = max((found["judged_at"] for found in past), default=None)
        return latest is not None and row["judged_at"] <= latest
    return any(found["digest"] == row["digest"] for found in past)


def _of(fact: Fact) -> ColumnElement[bool]:
    return and_(*(CORRECTIONS.c[name] == value for name, value in fact._asdict().items()))


def _row(correction: Correction, at: datetime) -> Row:
    fact = correction.fact
    said: Row = {name: getattr(correction, name) for name in _AS_THEY_ARE}
    undated = correction.model_dump_json(exclude={"at"}, exclude_defaults=True)
    return {
        **said,
        "discriminator": fact.discriminator,
        "place": fact.place,
        "stance": correction.stance.value,
        "value": correction.value,
        "turns": list(correction.turns),
        "verdict": correction.verdict.value,
        "new_stance": None if correction.new_stance is None else correction.new_stance.value,
        "new_value": correction.new_value,
        "judged_by": correction.by,
        "judged_at": correction.at,
        "digest": rows.digest(undated),
        "valid_from": at,
    }


def to_correction(row: Mapping[str, Any]) -> Correction:
    """The record of a row."""
    return Correction.model_validate(
        {
            **{name: row[name] for name in _AS_THEY_ARE},
            **{name: row[name] for name in ("stance", "value", "turns", "verdict", "new_stance", "new_value")},
            "by": row["judged_by"],
            "at": row["judged_at"],
        }
    )
