"""What holds for any history: the past does not change, the order of the input does not matter, clients are apart."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from audit_world import World, at, callback, promise
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.domain.lead import AuditedLead, ContactKind, LeadStatus
from huiyin.domain.tags import TAG_TYPES

AS_OF = "03-27 18:00"
LINES = [
    "A 上次您问的两融可以开了",
    "C 两融利率多少",
    "A 您招行那笔什么时候到期",
    "C 招行的下月到期",
    "A 资料发您了",
    "C 好的",
    "A 您问的佣金查到了",
    "C 佣金能降吗",
    "A [文件] 指引.pdf",
    "C 在忙",
    "A 市盈率就是股价除以盈利，净值就是一份基金值多少钱",
    "O 系统消息",
]
TAGS: list[tuple[str, dict[str, Any]]] = [
    ("permission_intent", {"permission": "margin"}),
    ("idle_funds", {"amount": [100000, 200000]}),
    ("external_assets", {"institution_type": "bank"}),
    ("external_assets", {"institution": "招商银行", "institution_type": "bank"}),
    ("external_assets", {"institution": "建设银行", "institution_type": "bank"}),
    ("complaint", {"topic": "commission"}),
    ("churn_risk", {"kind": "transfer_out"}),
    ("contact_time", callback("03-18T15:00", "03-18T15:00")),
    ("contact_time", callback("03-10T15:00", "03-10T18:00")),
    ("contact_time", callback(None, None)),
    ("contact_time", {"kind": "avoid", "days": ["any"], "from": "09:30", "to": "15:00"}),
    ("advisor_commitment", promise("send_material")),
    ("advisor_commitment", promise("call_back", "03-12T15:00", None)),
    ("advisor_commitment", promise("check_and_reply", "03-12T00:00", "03-12T23:59")),
    ("experience_level", {"level": "novice"}),
    ("do_not_contact", {}),
]
EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("permission_opened", {"permission": "margin"}),
    ("asset_inflow", {"amount": 50000.0}),
    ("activity", {"note": "沟通两融"}),
    ("activity", {"note": ""}),
    ("education_sent", {}),
    ("account_closed", {}),
]


@st.composite
def histories(draw: st.DrawFn) -> World:
    """Up to eight conversations and five events of one client within four weeks of March."""
    world = World()
    starts = draw(st.lists(st.integers(0, 4 * 7 * 24 * 6 - 1), min_size=1, max_size=8, unique=True))
    for number, ten_minutes in enumerate(starts):
        when = (at("03-02 00:00") + timedelta(minutes=10 * ten_minutes)).strftime("%m-%d %H:%M")
        lines = draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=5))
        if draw(st.booleans()):
            world.chat(f"c{number}", when, *lines)
        elif draw(st.booleans()):
            direction = draw(st.sampled_from(["outbound", "inbound"]))
            world.call(f"c{number}", when, *lines, direction=direction)
        else:
            world.missed_call(f"c{number}", when)
            continue
        for tag, value in draw(st.lists(st.sampled_from(TAGS), max_size=3, unique_by=str)):
            turn = draw(st.integers(0, len(lines) - 1))
            stance = draw(st.sampled_from(["affirmed", "affirmed", "affirmed", "negated"]))
            if TAG_TYPES[tag].speaker == "advisor" or tag in ("do_not_contact", "contact_time"):
                stance = "affirmed"
            world.tag(f"c{number}", tag, value, turns=(turn,), stance=stance)
    for event, more in draw(st.lists(st.sampled_from(EVENTS), max_size=5)):
        minutes = draw(st.integers(0, 4 * 7 * 24 * 60))
        world.event(event, (at("03-02 00:00") + timedelta(minutes=minutes)).strftime("%m-%d %H:%M"), **more)
    return world


def truncated(world: World, moment: datetime) -> World:
    """The same world, written down at a moment: what came later is not in it."""
    cut = World()
    for talk in world.conversations:
        if talk.started_at <= moment:
            turns = tuple(t for t in talk.turns if talk.moment(t.start) <= moment)
            cut.conversations.append(talk.model_copy(update={"turns": turns}))
    cut.tags = [t for t in world.tags if t.said_at <= moment]
    cut.events = [e for e in world.events if e.at <= moment]
    return cut


@settings(max_examples=150, deadline=None)
@given(histories(), st.integers(0, 4 * 7 * 24 * 60))
def test_the_audit_at_a_moment_is_the_audit_of_what_was_known_then(world: World, minutes: int) -> None:
    moment = at("03-02 00:00") + timedelta(minutes=minutes)
    when = moment.strftime("%m-%d %H:%M")
    assert world.audit(when) == truncated(world, moment).audit(when)


@settings(max_examples=100, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(world: World, chance: random.Random) -> None:
    before = world.audit(AS_OF)
    for items in (world.conversations, world.tags, world.events):
        chance.shuffle(items)
    assert world.audit(AS_OF) == before


def _due_order(lead: AuditedLead) -> bool:
    first = lead.first_on_topic
    return first is None or (lead.status is LeadStatus.FOLLOWED_UP) == (first.time <= lead.due_at)


INVARIANTS: dict[str, Callable[[AuditedLead], bool]] = {
    "contacts come after the opening": lambda f: all(c.time > f.opened_at for c in f.contacts),
    "contacts are in the order of time": lambda f: list(f.contacts) == sorted(f.contacts, key=lambda c: (c.time, c.id)),
    "a conversation is one contact": lambda f: len({c.id for c in f.contacts}) == len(f.contacts),
    "nothing later than as_of": lambda f: all(c.time <= at(AS_OF) for c in f.contacts),
    "the opening is proven": lambda f: f.evidence[0].said_at == f.opened_at,
    "suppressed or followed up or late by the first on-topic contact": lambda f: (
        f.status is LeadStatus.SUPPRESSED or _due_order(f)
    ),
    "response minutes belong to an on-topic contact": lambda f: (
        (f.response_minutes is None) == (f.first_on_topic is None)
    ),
    "missed means nobody of the firm tried": lambda f: (
        f.status is not LeadStatus.MISSED or all(c.kind is ContactKind.CLIENT_ONLY for c in f.contacts)
    ),
    "pending only until it is due": lambda f: f.status is not LeadStatus.PENDING or at(AS_OF) <= f.due_at,
    "a line goes out and comes back": lambda f: AuditedLead.model_validate(f.as_line()) == f,
}


@settings(max_examples=150, deadline=None)
@given(histories())
def test_invariants(world: World) -> None:
    leads = world.audit(AS_OF)
    for name, holds in INVARIANTS.items():
        assert all(holds(lead) for lead in leads), name
    assert len({f.lead_id for f in leads}) == len(leads)
    assert list(leads) == sorted(leads, key=lambda f: (f.client_id, f.opened_at))


@settings(max_examples=50, deadline=None)
@given(histories(), histories())
def test_clients_do_not_touch_each_other(one: World, other: World) -> None:
    both = World()
    both.conversations = one.conversations + [
        c.model_copy(update={"client_id": "K2", "conversation_id": f"o{c.conversation_id}"})
        for c in other.conversations
    ]
    both.tags = one.tags + [
        t.model_copy(update={"client_id": "K2", "conversation_id": f"o{t.conversation_id}"}) for t in other.tags
    ]
    both.events = one.events + [e.model_copy(update={"client_id": "K2"}) for e in other.events]
    assert [f for f in both.audit(AS_OF) if f.client_id == "K1"] == list(one.audit(AS_OF))
