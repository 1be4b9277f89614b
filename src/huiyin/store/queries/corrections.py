"""What people judged, and which tags they should look at next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from huiyin.domain.conversation import Conversation
from huiyin.domain.correction import Correction
from huiyin.domain.tag import Tag
from huiyin.store import rows
from huiyin.store.corrections import CORRECTIONS, to_correction
from huiyin.store.engine import Store
from huiyin.store.queries import conversations as conversation_queries
from huiyin.store.queries.paging import fetch
from huiyin.store.queries.parts import TAGS, TALKS, blocks, past, present
from huiyin.store.versions import CHUNK
from huiyin.store.views import State

BATCH = 50
"""Conversations held in memory at once, with all their turns."""


def load_corrections(store: Store, *, conversation_ids: Iterable[str] | None = None) -> tuple[Correction, ...]:
    """The present judgements, on these conversations or on all, in the order in which they were made."""
    found: list[Correction] = []
    with store.read() as connection:
        for where in blocks(CORRECTIONS.c.conversation_id, conversation_ids):
            query = select(CORRECTIONS).where(present(CORRECTIONS), *where)
            found += [to_correction(row) for row in fetch(connection, query)]
    return tuple(sorted(found, key=lambda c: (c.at, c.fact)))


def correction_history(store: Store, conversation_id: str) -> tuple[State[Correction], ...]:
    """Judgements that a later one replaced or that were taken back, the latest first. `since_run` is empty: no run
    makes them."""
    query = select(CORRECTIONS).where(CORRECTIONS.c.conversation_id == conversation_id)
    with store.read() as connection:
        found = fetch(connection, query.order_by(CORRECTIONS.c.valid_from.desc(), CORRECTIONS.c.id.desc()))
    return past([{**row, "valid_from_run": "", "valid_to_run": None} for row in found], to_correction)


def find_uncertain(store: Store, *, below: float, limit: int) -> tuple[Tag, ...]:
    """Tags with a confidence below `below` that nobody has judged: the weakest first, each type in its turn."""
    turn = func.row_number().over(partition_by=TAGS.c.tag, order_by=(TAGS.c.confidence, TAGS.c.id)).label("turn")
    weak = select(*TAGS.c, turn).where(present(TAGS), TAGS.c.confidence < below, ~_is_judged()).subquery()
    query = select(weak).order_by(weak.c.turn, weak.c.confidence, weak.c.id).limit(limit)
    with store.read() as connection:
        return tuple(rows.to_tag(row) for row in fetch(connection, query))


def iter_conversations(store: Store, conversation_ids: Sequence[str]) -> Iterator[Conversation]:
    """These conversations, whole, in the order given; few in memory at once. Unknown ids are passed over."""
    for at in range(0, len(conversation_ids), BATCH):
        wanted = conversation_ids[at : at + BATCH]
        with store.read() as connection:
            found = conversation_queries.whole(connection, (TALKS.c.conversation_id.in_(wanted),))
        named = {c.conversation_id: c for c in found}
        yield from (named[name] for name in wanted if name in named)


def judged_conversations(store: Store) -> tuple[str, ...]:
    """Ids of the stored conversations on which there is a judgement, in order."""
    query: Select[Any] = (
        select(CORRECTIONS.c.conversation_id)
        .join(TALKS, TALKS.c.conversation_id == CORRECTIONS.c.conversation_id)
        .where(present(CORRECTIONS), present(TALKS))
        .distinct()
    )
    with store.read() as connection:
        return tuple(sorted(connection.execute(query).scalars()))


def tags_of(store: Store, conversation_ids: Iterable[str]) -> dict[str, tuple[Tag, ...]]:
    """The present tags of these conversations, in the order of their turns."""
    out: dict[str, tuple[Tag, ...]] = {}
    with store.read() as connection:
        for at_once in _cut(conversation_ids):
            found = conversation_queries.tag_rows(connection, at_once)
            out |= {name: tuple(rows.to_tag(row) for row in group) for name, group in found.items()}
    return out


def _cut(ids: Iterable[str]) -> Iterator[list[str]]:
    wanted = sorted(set(ids))
    yield from (wanted[at : at + CHUNK] for at in range(0, len(wanted), CHUNK))


def _is_judged() -> ColumnElement[bool]:
    same = [CORRECTIONS.c[name] == TAGS.c[name] for name in ("conversation_id", "tag", "discriminator", "stance")]
    here = or_(CORRECTIONS.c.place == "", CORRECTIONS.c.quote == TAGS.c.quote)
    return exists().where(present(CORRECTIONS), and_(*same), here)
