"""The conversation page: the transcript with the tagged words marked, and a player that follows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from huiyin.api.dependencies import FolderDep, StoreDep
from huiyin.api.pages.judgements import judging
from huiyin.api.pages.render import render
from huiyin.api.playback import inside
from huiyin.domain.conversation import Turn
from huiyin.domain.tag import Tag
from huiyin.store.queries.conversations import find_conversations, get_conversation

router = APIRouter(include_in_schema=False)
PAGE = 50


@dataclass(frozen=True)
class Piece:
    """A stretch of a turn's text and the numbers of the tags that it proves."""

    text: str
    tags: tuple[int, ...]


def pieces(turn: Turn, tags: tuple[Tag, ...]) -> tuple[Piece, ...]:
    """The text of a turn cut where proofs begin and end."""
    spans = [
        (e.start, e.end, number)
        for number, tag in enumerate(tags)
        for e in tag.proof.evidence
        if e.turn == turn.turn and 0 <= e.start < e.end <= len(turn.text)
    ]
    borders = sorted({0, len(turn.text), *(s for s, _, _ in spans), *(e for _, e, _ in spans)})
    return tuple(
        Piece(turn.text[a:b], tuple(sorted({n for s, e, n in spans if s <= a and b <= e})))
        for a, b in pairwise(borders)
    )


@router.get("/conversations", response_class=HTMLResponse)
def conversations(store: StoreDep, channel: str = "", page: int = 1) -> str:
    """The conversations, the latest first."""
    found = find_conversations(store, channel=channel or None, page=page, size=PAGE)
    return render("conversations.html", found=found, chosen={"channel": channel})


@router.get("/conversations/{conversation_id:path}", response_class=HTMLResponse)
def conversation(store: StoreDep, folder: FolderDep, conversation_id: str) -> str:
    """One conversation."""
    detail = get_conversation(store, conversation_id)
    talk = detail.conversation
    sound = talk.recording is not None and (path := inside(folder, talk.recording.path)) is not None and path.is_file()
    marked = [(turn, pieces(turn, detail.tags)) for turn in talk.turns]
    tags, judged = judging(detail)
    return render(
        "conversation.html", detail=detail, talk=talk, marked=marked, sound=sound, judging=tags, judged=judged
    )
