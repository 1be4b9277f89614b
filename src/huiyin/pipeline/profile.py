"""The profile stage: each client's static record and the tags that stand at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from huiyin.domain.audit import AuditInput
from huiyin.domain.policy import Policy
from huiyin.domain.profile import Profile, build_profiles
from huiyin.domain.tag import Tag
from huiyin.pipeline.ingest.dataset import Dataset
from huiyin.pipeline.reference import load_suitability


def profiles_of(dataset: Dataset, tags: Sequence[Tag], *, policy: Policy, as_of: datetime) -> tuple[Profile, ...]:
    """The profiles of all clients that the CRM or a tag knows, by client id."""
    known = AuditInput(tags=tuple(tags), events=dataset.events, clients=dataset.clients)
    return tuple(build_profiles(known, policy=policy, rules=load_suitability(), as_of=as_of))
