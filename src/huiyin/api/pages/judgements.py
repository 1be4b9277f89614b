"""Takes what a person says of a tag on the conversation page: 对, 错, 改, 漏, or takes it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from huiyin.api.dependencies import StoreDep
from huiyin.api.origin import own_page
from huiyin.api.pages.value_form import Field, fields_of, value_from
from huiyin.domain.conversation import Conversation
from huiyin.domain.correction import Correction, Fact, Verdict, judge
from huiyin.domain.errors import InputError, NotFoundError
from huiyin.domain.record import SHANGHAI
from huiyin.domain.tag import Stance, Tag
from huiyin.domain.tags import TAG_TYPES
from huiyin.store.corrections import Judged, save_corrections, withdraw_correction
from huiyin.store.queries.conversations import get_conversation
from huiyin.store.rows import digest
from huiyin.store.views import ConversationDetail

router = APIRouter(include_in_schema=False, dependencies=[Depends(own_page)])
_MOST_BYTES = 65_536
_NOTE = 500

Posted = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Judging:
    """A tag on the page: its token (names it as long as nothing about it changes), what was said of it, its fields."""

    token: str
    said: Correction | None
    fields: tuple[Field, ...]


def judging(detail: ConversationDetail) -> tuple[tuple[Judging, ...], tuple[Correction, ...]]:
    """For each tag of the conversation what the page needs, and the judgements whose tags are no more."""
    tags = tuple(
        Judging(token=token_of(tag), said=_said(tag, detail.corrections), fields=fields_of(tag.tag, tag.value))
        for tag in detail.tags
    )
    shown = {j.said.fact for j in tags if j.said is not None}
    return tags, tuple(c for c in detail.corrections if c.fact not in shown)


def token_of(tag: Tag) -> str:
    """Names a tag in a form: another state of the tag has another token, so nobody judges what he did not see."""
    return digest(tag)[:16]


def _said(tag: Tag, corrections: Sequence[Correction]) -> Correction | None:
    made_by_hand = tag.proof.source == "given"
    mine = [c for c in corrections if c.concerns(tag) or (made_by_hand and c.made(tag))]
    return max(mine, key=lambda c: c.at, default=None)


async def _form(request: Request) -> Posted:
    """The fields of the form, few and short."""
    if int(request.headers.get("content-length") or 0) > _MOST_BYTES:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "表单太大")
    form = await request.form(max_files=0, max_fields=100)
    out: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            out.setdefault(name, []).append(value)
    return out


FormDep = Annotated[Posted, Depends(_form)]


@router.post("/judgements")
def judge_tag(request: Request, store: StoreDep, form: FormDep) -> RedirectResponse:
    """对, 错 or 改 on a tag that is shown."""
    detail = get_conversation(store, _one(form, "conversation_id"))
    token = _one(form, "token")
    tag = next((t for t in detail.tags if token_of(t) == token), None)
    if tag is None:
        raise NotFoundError("这个标签在页面打开之后变了，请刷新页面再判断。")
    verdict = _verdict(form, (Verdict.RIGHT, Verdict.WRONG, Verdict.CHANGED))
    changed = verdict is Verdict.CHANGED
    try:
        said = judge(
            tag,
            verdict,
            at=datetime.now(SHANGHAI),
            by=request.app.state.operator,
            note=_one(form, "note", "")[:_NOTE] or None,
            new_stance=_stance(form) if changed else None,
            new_value=value_from(tag.tag, tag.value, form) if changed else None,
        )
    except ValidationError:
        raise InputError("没有改动任何内容：要么改成别的值，要么点“对”。") from None
    save_corrections(store, [Judged(correction=said)])
    return _back(tag.conversation_id, f"tag-{token}")


@router.post("/judgements/missing")
def add_missing(request: Request, store: StoreDep, form: FormDep) -> RedirectResponse:
    """漏: a tag that nobody found."""
    detail = get_conversation(store, _one(form, "conversation_id"))
    key, _, choice = _one(form, "what").partition(":")
    if key not in TAG_TYPES:
        raise InputError("请选择漏掉的是什么标签。")
    kind = TAG_TYPES[key]
    field = "institution_type" if key == "external_assets" else kind.discriminator
    value = value_from(key, {field: choice or None} if field else {}, form)
    turn, words = _words(detail.conversation, form)
    said = Correction(
        conversation_id=detail.conversation.conversation_id, tag=key, stance=_stance(form), value=value, turns=(turn,),
        quote=words, verdict=Verdict.MISSING, by=request.app.state.operator, at=datetime.now(SHANGHAI),
        note=_one(form, "note", "")[:_NOTE] or None,
    )  # fmt: skip
    save_corrections(store, [Judged(correction=said)])
    return _back(said.conversation_id, "judged")


@router.post("/judgements/withdraw")
def withdraw(store: StoreDep, form: FormDep) -> RedirectResponse:
    """撤销: the judgement of a fact no longer counts."""
    fact = Fact(*(_one(form, name, "") for name in Fact._fields))
    withdraw_correction(store, fact)
    return _back(fact.conversation_id, "judged")


def _words(talk: Conversation, form: Posted) -> tuple[int, str]:
    """The turn and the quote that prove a missing tag; the whole turn where no words are given."""
    number = _one(form, "turn")
    turn = next((t for t in talk.turns if str(t.turn) == number and t.text and not t.recalled), None)
    if turn is None:
        raise InputError("请选择能证明它的那一句。")
    words = _one(form, "quote", "").strip() or turn.text
    if words not in turn.text:
        raise InputError(f"第 {turn.turn + 1} 句里没有这些字，请照原文抄写，或留空取整句。")
    return turn.turn, words


def _verdict(form: Posted, allowed: Sequence[Verdict]) -> Verdict:
    given = _one(form, "verdict")
    if given not in allowed:
        raise InputError("请用页面上的按钮：对、错、改。")
    return Verdict(given)


def _stance(form: Posted) -> Stance:
    given = _one(form, "stance", Stance.AFFIRMED.value)
    if given not in tuple(Stance):
        raise InputError("态度只有两种：要/有，不要/没有。")
    return Stance(given)


def _one(form: Posted, name: str, default: str | None = None) -> str:
    found = form.get(name)
    if found:
        return found[0]
    if default is None:
        raise InputError(f"表单里缺少 {name}，请刷新页面再试。")
    return default


def _back(conversation_id: str, anchor: str) -> RedirectResponse:
    return RedirectResponse(f"/conversations/{quote(conversation_id, safe='')}#{anchor}", HTTPStatus.SEE_OTHER)
