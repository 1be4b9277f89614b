"""Tags what is stored anew: reads a few clients at a time, and keeps what came of it aside until all is known.

with Spool() as spool:
    for part in iter_retagged(store, tagger, auditor):
        spool.add(part)
    save_found(store, run, spool, after=last.run_id)
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from types import TracebackType

from huiyin.domain.conversation import Conversation
from huiyin.domain.lead import AuditedLead
from huiyin.domain.tag import Tag
from huiyin.pipeline.retag import Auditor, Retagged, Told, retag_client
from huiyin.pipeline.tag import Tagger
from huiyin.store.engine import Store
from huiyin.store.queries.clients import load_events
from huiyin.store.queries.conversations import clients_heard, load_conversations, load_tags
from huiyin.store.queries.corrections import load_corrections
from huiyin.store.save import Found

AT_ONCE = 20
"""Clients in memory at once."""


def iter_retagged(
    store: Store, tagger: Tagger, auditor: Auditor, *, on_tagged: Callable[[], None] | None = None
) -> Iterator[Retagged]:
    """Every client of whom there is a conversation, by id. `on_tagged` is called for each conversation."""
    clients = clients_heard(store)
    for at in range(0, len(clients), AT_ONCE):
        for told in _told(store, clients[at : at + AT_ONCE]):
            yield retag_client(told, tagger, auditor, on_tagged=on_tagged)


def _told(store: Store, client_ids: tuple[str, ...]) -> Iterator[Told]:
    talks: dict[str, list[Conversation]] = {name: [] for name in client_ids}
    for talk in load_conversations(store, client_ids=client_ids):
        talks[talk.client_id].append(talk)
    tags = load_tags(store, client_ids=client_ids)
    events = load_events(store, client_ids=client_ids)
    ids = [talk.conversation_id for found in talks.values() for talk in found]
    corrections = load_corrections(store, conversation_ids=ids)
    for name, found in talks.items():
        mine = {talk.conversation_id for talk in found}
        yield Told(
            client_id=name,
            conversations=found,
            tags=[t for t in tags if t.conversation_id in mine],
            events=[e for e in events if e.client_id == name],
            corrections=[c for c in corrections if c.conversation_id in mine],
        )


class Spool:
    """Clients after retagging, on disk in a file without a name: it holds clients' words, and is gone with the process.

    Iterating gives what was added, in order, as often as wanted.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed by __exit__
        self.tags = 0
        self.leads = 0
        self.conversations = 0

    def add(self, part: Retagged) -> None:
        """Keeps a client."""
        self.tags += len(part.tags)
        self.leads += len(part.leads)
        self.conversations += len(part.conversation_ids)
        line = {
            "conversation_ids": part.conversation_ids,
            "tags": [t.model_dump(mode="json") for t in part.tags],
            "leads": [lead.model_dump(mode="json") for lead in part.leads],
        }
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def __iter__(self) -> Iterator[Found]:
        self._file.seek(0)
        for text in self._file:
            line = json.loads(text)
            yield Found(
                conversation_ids=line["conversation_ids"],
                tags=[Tag.model_validate(t) for t in line["tags"]],
                leads=[AuditedLead.model_validate(lead) for lead in line["leads"]],
            )

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
