"""The profile stage: each client's static record and the tags that stand at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from huiyin.domain.crm import Event
from huiyin.domain.policy import Policy
from huiyin.domain.profile import Profile
from huiyin.domain.profiles import build_profile
from huiyin.domain.tag import Tag
from huiyin.pipeline.ingest.dataset import Dataset
from huiyin.pipeline.reference import load_suitability
from huiyin.pipeline.tag import tags_by_client


def profiles_of(dataset: Dataset, tags: Sequence[Tag], *, policy: Policy, as_of: datetime) -> tuple[Profile, ...]:
    """The profiles of all clients of the CRM or of any conversation, by client id."""
    clients = {c.client_id: c for c in dataset.clients}
    said = tags_by_client(tags)
    ids = sorted({*clients, *said, *(c.client_id for c in dataset.conversations)})
    happened: dict[str, list[Event]] = {}
    for event in dataset.events:
        happened.setdefault(event.client_id, []).append(event)
    return tuple(
        build_profile(
            client_id=client_id,
            client=clients.get(client_id),
            tags=said.get(client_id, ()),
            events=tuple(happened.get(client_id, ())),
            policy=policy,
            suitability=load_suitability(),
            as_of=as_of,
        )
        for client_id in ids
    )
