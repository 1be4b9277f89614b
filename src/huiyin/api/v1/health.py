"""Whether the service and its database answer."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from huiyin import __version__
from huiyin.api.dependencies import StoreDep
from huiyin.lexicon import version as lexicon_version
from huiyin.store.queries.runs import counts, last_run
from huiyin.store.views import Counts, RunInfo

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: str
    version: str
    lexicon_version: str
    counts: Counts
    last_run: RunInfo | None


@router.get("/health")
def health(store: StoreDep) -> Health:
    """`ok` once the database has answered; a 503 problem otherwise."""
    return Health(
        status="ok",
        version=__version__,
        lexicon_version=lexicon_version(),
        counts=counts(store),
        last_run=last_run(store),
    )
