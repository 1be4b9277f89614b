"""The client pages: find one, and all about one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from huiyin.api.dependencies import StoreDep
from huiyin.api.pages.render import render
from huiyin.api.views import client_profile
from huiyin.store.queries.clients import find_clients, get_client, load_advisors
from huiyin.store.queries.conversations import load_conversations

router = APIRouter(include_in_schema=False)
PAGE = 50


@router.get("/clients", response_class=HTMLResponse)
def clients(store: StoreDep, advisor_id: str = "", tag: str = "", page: int = 1) -> str:
    """The clients, those with most open leads first."""
    found = find_clients(
        store, advisor_id=advisor_id or None, tag=tag or None, sort="open_leads", descending=True, page=page, size=PAGE
    )
    return render(
        "clients.html", found=found, q="", chosen={"advisor_id": advisor_id, "tag": tag}, advisors=load_advisors(store)
    )


@router.post("/clients", response_class=HTMLResponse)
def search(store: StoreDep, q: Annotated[str, Form(max_length=64)] = "") -> str:
    """Search by name, id or the end of a phone number: a POST, so that no name stands in a URL."""
    found = find_clients(store, q=q.strip() or None, size=PAGE)
    return render("clients.html", found=found, q=q, chosen={"advisor_id": "", "tag": ""}, advisors=load_advisors(store))


@router.get("/clients/{client_id:path}", response_class=HTMLResponse)
def client(store: StoreDep, client_id: str) -> str:
    """Profile, tags with quotes to play, leads and the timeline."""
    detail = get_client(store, client_id)
    profile = client_profile(store, detail)
    talks = {c.conversation_id: c for c in load_conversations(store, client_ids=[client_id])}
    proofs = {(t.conversation_id, t.tag, t.quote): t for t in detail.tags}
    return render("client.html", detail=detail, profile=profile, talks=talks, proofs=proofs)
