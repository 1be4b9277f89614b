"""Clients: lists, search, and all about one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body
from pydantic import BaseModel, Field

from huiyin.api.dependencies import SIZE, PageNumber, PageSize, StoreDep
from huiyin.api.views import client_profile
from huiyin.domain.profile import Profile
from huiyin.domain.record import in_shanghai
from huiyin.store.queries.clients import find_clients, get_client
from huiyin.store.queries.paging import Page
from huiyin.store.views import ClientDetail, ClientItem

router = APIRouter(tags=["clients"])
Sort = Literal["client_id", "name", "assets", "last_conversation", "open_leads"]


class ClientSearch(BaseModel):
    """Searching is a POST: names and numbers belong in no URL, since URLs end up in logs."""

    q: str = Field(min_length=1, max_length=64, description="Part of an id or a name, or the end of a phone number")
    page: int = Field(default=1, ge=1)
    size: int = Field(default=SIZE, ge=1, le=500)


class ClientAnswer(BaseModel):
    detail: ClientDetail
    profile: Profile


@router.get("/clients")
def clients(
    store: StoreDep,
    advisor_id: str | None = None,
    team: str | None = None,
    branch: str | None = None,
    tag: str | None = None,
    discriminator: str | None = None,
    sort: Sort = "client_id",
    descending: bool = False,
    page: PageNumber = 1,
    size: PageSize = SIZE,
) -> Page[ClientItem]:
    """Clients, filtered, a page at a time."""
    return find_clients(
        store, advisor_id=advisor_id, team=team, branch=branch, tag=tag, discriminator=discriminator,
        sort=sort, descending=descending, page=page, size=size,
    )  # fmt: skip


@router.post("/clients/search")
def search(store: StoreDep, wanted: Annotated[ClientSearch, Body()]) -> Page[ClientItem]:
    """Clients by part of an id or name, or by the last digits of their phone."""
    return find_clients(store, q=wanted.q, page=wanted.page, size=wanted.size)


@router.get("/clients/{client_id:path}")
def client(store: StoreDep, client_id: str, as_of: datetime | None = None) -> ClientAnswer:
    """One client: static record, tags and profile (at `as_of`), leads, conversations, timeline."""
    detail = get_client(store, client_id)
    moment = in_shanghai(as_of) if as_of else None
    return ClientAnswer(detail=detail, profile=client_profile(store, detail, as_of=moment))
