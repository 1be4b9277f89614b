"""spec/audit.md, "Lead": what opens, refreshes, moves, closes and reopens leads."""

from __future__ import annotations

from typing import Any

import pytest
from audit_world import MARGIN, World, at, callback, margin_lead, promise

from huiyin.domain.lead import LeadOutcome, LeadStatus
from huiyin.domain.tags import LeadKind

OPENERS: list[tuple[str, dict[str, Any], str | None, LeadKind]] = [
    ("permission_intent", {"permission": "star_market"}, "star_market", LeadKind.OPPORTUNITY),
    ("idle_funds", {"amount": [300000, 300000]}, None, LeadKind.OPPORTUNITY),
    ("product_preference", {"product": "gold"}, "gold", LeadKind.OPPORTUNITY),
    ("external_assets", {"institution": "招商银行", "institution_type": "bank"}, "招商银行", LeadKind.DEEP_DIG),
    ("external_assets", {"institution_type": "trust"}, "trust", LeadKind.DEEP_DIG),
    ("churn_risk", {"kind": "comparing"}, "comparing", LeadKind.RETENTION),
    ("complaint", {"topic": "app"}, "app", LeadKind.RETENTION),
    ("contact_time", callback("03-18T15:00", None), "callback", LeadKind.PROMISE),
    ("advisor_commitment", promise("call_back"), "call_back", LeadKind.PROMISE),
    ("experience_level", {"level": "novice"}, "novice", LeadKind.SERVICE),
]


@pytest.mark.parametrize(("tag", "value", "key", "kind"), OPENERS)
def test_what_opens_a_lead(tag: str, value: dict[str, Any], key: str | None, kind: LeadKind) -> None:
    turns = (0,) if tag == "advisor_commitment" else (1,)
    lead = World().call("a", "03-02 10:00", "A 好的", "C 嗯").tag("a", tag, value, turns=turns).lead("03-02 12:00")
    assert (lead.tag, lead.discriminator, lead.kind) == (tag, key, kind)
    assert lead.opened_at == at("03-02 10:00").replace(second=10 * turns[0])


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("experience_level", {"level": "experienced"}),
        ("contact_time", {"kind": "preferred", "days": ["any"], "from": "15:00", "to": None}),
        ("contact_time", {"kind": "avoid", "days": ["any"], "from": "09:30", "to": "15:00"}),
        ("risk_preference", {"level": "aggressive"}),
        ("family", {"topic": "newborn"}),
        ("contact_channel", {"channel": "wecom"}),
        ("do_not_contact", {}),
        ("compliance_flag", {"kind": "guaranteed_return"}),
    ],
)
def test_what_opens_none(tag: str, value: dict[str, Any]) -> None:
    assert World().call("a", "03-02 10:00", "A 好的", "C 嗯").tag("a", tag, value).audit("03-31 18:00") == ()


def test_a_negated_tag_opens_none() -> None:
    world = World().call("a", "03-02 10:00", "A 好的", "C 不开")
    assert world.tag("a", "permission_intent", MARGIN, stance="negated").audit("03-31 18:00") == ()


def test_where_the_client_answers_it_opens_with_his_words() -> None:
    world = World().call("a", "03-02 10:00", "A 您好", "C 嗯", "A 您是想开两融吧", "C 对")
    assert world.tag("a", "permission_intent", MARGIN, turns=(2, 3)).lead("03-02 12:00").opened_at.second == 30


def again(world: World, id: str, when: str, tag: str, value: dict[str, Any], **more: Any) -> World:
    """The tag said again in a chat that only the client wrote: no contact by itself."""
    return world.chat(id, when, "C 再说一遍").tag(id, tag, value, turns=(0,), **more)


def test_said_again_while_open_it_is_refreshed() -> None:
    world = World().call("a", "03-02 10:00", "A 好", "C 有点闲钱").tag("a", "idle_funds", {"amount": [200000, 200000]})
    before = world.lead("03-03 09:00")
    again(world, "b", "03-03 10:00", "idle_funds", {"amount": [500000, 500000]})
    again(world, "c", "03-20 10:00", "idle_funds", {"available_from": ["2026-04-01", "2026-04-10"]})
    after = world.lead("03-31 18:00")
    assert (after.opened_at, after.due_at, after.lead_id) == (before.opened_at, before.due_at, before.lead_id)
    assert after.value == {"amount": [500000, 500000], "available_from": ["2026-04-01", "2026-04-10"]}
    assert [e.conversation_id for e in after.evidence] == ["a", "b", "c"]


def test_another_discriminator_is_another_lead() -> None:
    world = margin_lead()
    again(world, "b", "03-03 10:00", "permission_intent", {"permission": "options"})
    assert [f.discriminator for f in world.audit("03-04 18:00")] == ["margin", "options"]


@pytest.mark.parametrize(
    "close",
    [
        lambda w: w.event("permission_opened", "03-10 10:00", permission="margin"),
        lambda w: again(w, "n", "03-10 10:00", "permission_intent", MARGIN, stance="negated"),
    ],
)
def test_opportunities_close_by_conversion_or_refusal_and_reopen(close: Any) -> None:
    world = margin_lead()
    close(world)
    again(world, "b", "03-20 10:00", "permission_intent", MARGIN)
    leads = world.audit("03-31 18:00")
    assert [f.opened_at.day for f in leads] == [2, 20]
    assert leads[1].outcome is LeadOutcome.OPEN


def test_opportunities_do_not_close_by_contact() -> None:
    world = margin_lead().call("c", "03-03 10:00", "A 两融材料好了", "C 两融先放放")
    again(world, "b", "03-20 10:00", "permission_intent", MARGIN)
    assert world.lead("03-31 18:00").tags_said == 2


def test_churn_closes_by_refusal_alone() -> None:
    value = {"kind": "transfer_out"}
    world = World().call("a", "03-02 10:00", "A 好", "C 我想转户").tag("a", "churn_risk", value)
    world.call("c", "03-03 09:00", "A 转户的事聊聊", "C 转户再看看")
    again(world, "b", "03-05 10:00", "churn_risk", value)
    assert world.lead("03-31 18:00").tags_said == 2
    again(world, "n", "03-06 10:00", "churn_risk", value, stance="negated")
    again(world, "d", "03-09 10:00", "churn_risk", value)
    assert [f.outcome for f in world.audit("03-31 18:00")] == [LeadOutcome.RETAINED, LeadOutcome.OPEN]


@pytest.mark.parametrize(
    ("tag", "value", "lines"),
    [
        ("complaint", {"topic": "commission"}, ("A 佣金给您调了", "C 佣金降了就好")),
        ("experience_level", {"level": "novice"}, ("A 市盈率就是股价除以盈利，净值就是一份基金值多少钱", "C 明白了")),
        ("contact_time", callback("03-03T09:00", "03-03T12:00"), ("A 您好", "C 你说")),
    ],
)
def test_service_and_promises_close_by_their_first_on_topic_contact(
    tag: str, value: dict[str, Any], lines: tuple[str, ...]
) -> None:
    world = World().call("a", "03-02 10:00", "A 好", "C 嗯").tag("a", tag, value)
    again(world, "r", "03-02 15:00", tag, value)
    assert world.lead("03-02 18:00").tags_said == 2
    world.call("c", "03-03 10:00", *lines)
    again(world, "b", "03-05 10:00", tag, value)
    leads = world.audit("03-31 18:00")
    assert [f.opened_at.day for f in leads] == [2, 5]
    assert leads[0].status is LeadStatus.FOLLOWED_UP


def test_contacts_count_for_a_closed_lead_until_the_next_of_its_key_opens() -> None:
    world = margin_lead()
    again(world, "n", "03-10 10:00", "permission_intent", MARGIN, stance="negated")
    world.call("c", "03-11 10:00", "A 两融材料", "C 两融不用了")
    again(world, "b", "03-20 10:00", "permission_intent", MARGIN)
    world.call("d", "03-23 10:00", "A 两融材料", "C 两融好的")
    first, second = world.audit("03-31 18:00")
    assert ([c.id for c in first.contacts], [c.id for c in second.contacts]) == (["n", "c"], ["d"])
    assert (first.status, second.status) == (LeadStatus.LATE, LeadStatus.FOLLOWED_UP)


# --- callbacks and commitments move ----------------------------------------------------------------------------------


def appointed(*window: str | None) -> World:
    return World().call("a", "03-02 10:00", "A 好", "C 周三三点打给我").tag("a", "contact_time", callback(*window))


def test_a_newer_appointment_before_the_older_is_due_replaces_its_window() -> None:
    world = appointed("03-04T15:00", "03-04T15:00")
    again(world, "b", "03-03 10:00", "contact_time", callback("03-06T16:00", "03-06T16:00"))
    world.call("c", "03-06 16:05", "A 您好", "C 你说")
    lead = world.lead("03-31 18:00")
    assert (lead.opened_at.day, lead.due_at) == (2, at("03-06 16:15"))
    assert (lead.status, lead.in_window) == (LeadStatus.FOLLOWED_UP, True)
    assert lead.value["window"] == ["2026-03-06T16:00", "2026-03-06T16:00"]


def test_moved_on_the_phone_before_its_window_it_is_still_one_lead() -> None:
    world = appointed("03-04T15:00", "03-04T15:00")
    world.call("b", "03-03 10:00", "A 您好", "C 周三不行，改周五四点", direction="inbound")
    world.tag("b", "contact_time", callback("03-06T16:00", "03-06T16:00"))
    lead = world.lead("03-06 10:00")
    assert (lead.due_at, lead.status, lead.contacts) == (at("03-06 16:15"), LeadStatus.PENDING, ())


def test_an_appointment_made_inside_the_window_is_a_new_lead() -> None:
    world = appointed("03-04T15:00", "03-04T15:00")
    world.call("b", "03-04 15:02", "A 您好", "C 在忙，周五四点打")
    world.tag("b", "contact_time", callback("03-06T16:00", "03-06T16:00"))
    assert [(f.status, f.due_at.day) for f in world.audit("03-06 10:00")] == [
        (LeadStatus.FOLLOWED_UP, 4),
        (LeadStatus.PENDING, 6),
    ]


def test_an_appointment_made_after_the_older_was_due_opens_a_new_lead() -> None:
    world = appointed("03-04T15:00", "03-04T15:00")
    again(world, "b", "03-04 15:16", "contact_time", callback("03-06T16:00", "03-06T16:00"))
    world.call("c", "03-06 16:00", "A 您好", "C 你说")
    assert [(f.due_at.day, f.status) for f in world.audit("03-31 18:00")] == [
        (4, LeadStatus.LATE),
        (6, LeadStatus.FOLLOWED_UP),
    ]


def test_a_newer_promise_before_the_older_is_due_replaces_it() -> None:
    world = World().call("a", "03-02 10:00", "A 利率我查一下明天答复您", "C 好")
    world.tag("a", "advisor_commitment", promise("check_and_reply", "03-03T00:00", "03-03T23:59"), turns=(0,))
    world.call("b", "03-03 10:00", "A 还没批下来，我后天答复您", "C 好吧")
    world.tag("b", "advisor_commitment", promise("check_and_reply", "03-05T00:00", "03-05T23:59"), turns=(0,))
    lead = world.lead("03-05 10:00")
    assert (lead.opened_at.day, lead.due_at, lead.status) == (2, at("03-05 18:00"), LeadStatus.PENDING)
    world.call("c", "03-05 15:00", "A 您问的利率我查到了，五点二", "C 行")
    assert world.lead("03-31 18:00").status is LeadStatus.FOLLOWED_UP


def test_of_several_appointments_in_a_conversation_the_earliest_rules() -> None:
    world = World().call("a", "03-02 10:00", "A 好", "C 周五三点打给我", "C 周三三点也行", "C 我想开两融")
    world.tag("a", "contact_time", callback("03-06T15:00", "03-06T15:00"))
    world.tag("a", "contact_time", callback("03-04T15:00", "03-04T15:00"), turns=(2,))
    world.tag("a", "permission_intent", MARGIN, turns=(3,))
    assert {(f.tag, f.due_at) for f in world.audit("03-02 12:00")} == {
        ("contact_time", at("03-04 15:15")),
        ("permission_intent", at("03-04 15:15")),
    }


def test_the_first_contact_closes_it_though_a_note_comes_at_the_moment_of_the_next_tag() -> None:
    value = {"topic": "commission"}
    world = World().call("a", "03-02 10:00", "A 好", "C 佣金太高").tag("a", "complaint", value)
    world.call("c", "03-03 10:00", "A 佣金给您调了", "C 佣金降了就好").event("activity", "03-05 10:00", note="沟通佣金")
    again(world, "b", "03-05 10:00", "complaint", value)
    first, second = world.audit("03-31 18:00")
    assert ([c.id for c in first.contacts], first.closed_at) == (["c"], at("03-03 10:00"))
    assert second.contacts == ()


# --- external assets -------------------------------------------------------------------------------------------------

BANK = {"institution_type": "bank", "product": "定期", "amount": [300000, 300000]}


def external(*values: dict[str, Any]) -> World:
    """Each value said in a chat of its own, a day apart from 2 March on."""
    world = World()
    for day, value in enumerate(values, start=2):
        again(world, f"x{day}", f"03-{day:02d} 10:00", "external_assets", value)
    return world


def named(name: str, kind: str = "bank", **more: Any) -> dict[str, Any]:
    return {"institution": name, "institution_type": kind, **more}


def test_named_by_type_first_and_by_institution_later_it_is_one_lead() -> None:
    world = external(BANK, named("招商银行"))
    by_type, by_name = world.lead("03-02 12:00"), world.lead("03-31 18:00")
    assert (by_type.discriminator, by_name.discriminator) == ("bank", "招商银行")
    assert by_name.lead_id == by_type.lead_id
    assert by_name.value["amount"] == [300000, 300000]


def test_another_type_is_another_lead() -> None:
    world = external(BANK, named("华泰证券", "broker"))
    assert [f.discriminator for f in world.audit("03-31 18:00")] == ["bank", "华泰证券"]


def test_two_institutions_are_two_leads() -> None:
    world = external(named("招商银行"), named("建设银行"))
    assert [f.discriminator for f in world.audit("03-31 18:00")] == ["招商银行", "建设银行"]


def test_a_name_takes_over_only_the_one_lead_of_its_type() -> None:
    world = World().chat("a", "03-02 10:00", "C 建行有一笔，别的银行也有")
    world.tag("a", "external_assets", named("建设银行"), turns=(0,)).tag("a", "external_assets", BANK, turns=(0,))
    again(world, "b", "03-03 10:00", "external_assets", named("招商银行"))
    assert sorted(f.discriminator or "" for f in world.audit("03-31 18:00")) == ["bank", "建设银行", "招商银行"]


def test_a_type_said_after_the_name_says_the_same_assets_again() -> None:
    world = external(named("招商银行"), {"institution_type": "bank", "amount": [800000, 800000]})
    lead = world.lead("03-31 18:00")
    assert (lead.discriminator, lead.value["amount"]) == ("招商银行", [800000, 800000])


def test_nothing_elsewhere_refuses_all_that_lies_elsewhere() -> None:
    world = external(named("招商银行"), named("华泰证券", "broker"))
    again(world, "n", "03-05 10:00", "external_assets", {}, stance="negated")
    assert [f.outcome for f in world.audit("03-31 18:00")] == [LeadOutcome.DECLINED] * 2


def test_a_refused_institution_leaves_the_others() -> None:
    world = external(named("招商银行"), named("建设银行"))
    again(world, "n", "03-05 10:00", "external_assets", named("招商银行"), stance="negated")
    assert [f.outcome for f in world.audit("03-31 18:00")] == [LeadOutcome.DECLINED, LeadOutcome.OPEN]


# --- the whole output ------------------------------------------------------------------------------------------------


def test_sorted_by_client_and_opening_and_no_leads_is_empty() -> None:
    world = margin_lead().call("z", "03-01 10:00", "A 好", "C 想开期权", client="K0")
    world.tag("z", "permission_intent", {"permission": "options"})
    again(world, "b", "03-03 10:00", "idle_funds", {})
    assert [(f.client_id, f.tag) for f in world.audit("03-31 18:00")] == [
        ("K0", "permission_intent"),
        ("K1", "permission_intent"),
        ("K1", "idle_funds"),
    ]
    assert World().audit("03-31 18:00") == ()


def test_a_line_holds_the_fields_of_the_spec_first() -> None:
    line = margin_lead().call("c", "03-03 10:00", "A 两融", "C 两融").lead("03-31 18:00").as_line()
    assert list(line)[:15] == [
        "lead_id", "client_id", "advisor_id", "tag", "discriminator", "value", "opened_at", "due_at",
        "due_provisional", "status", "outcome", "in_window", "response_minutes", "contacts", "evidence",
    ]  # fmt: skip
    assert line["due_at"] == "2026-03-04T18:00:00+08:00"
    assert {"id", "time", "kind", "why", "turns"} <= set(line["contacts"][0])
    assert {"conversation_id", "turns", "quote"} <= set(line["evidence"][0])
