"""spec/audit.md, "Status of a lead": outcome and window."""

from __future__ import annotations

from typing import Any

import pytest
from audit_world import MARGIN, World, at, callback, margin_lead

from huiyin.domain.lead import LeadOutcome


def opened(tag: str, value: dict[str, Any]) -> World:
    """A lead that opened on Monday 2 March at 10:00:10."""
    return World().call("a", "03-02 10:00", "A 您好", "C 嗯").tag("a", tag, value)


IDLE = ("idle_funds", {"amount": [300000, 500000]})
BANK = ("external_assets", {"institution": "招商银行", "institution_type": "bank", "amount": [300000, 300000]})
ETF = ("product_preference", {"product": "index_fund"})
BOND = ("permission_intent", {"permission": "convertible_bond"})


@pytest.mark.parametrize(
    ("lead", "event", "when", "more", "converts"),
    [
        (("permission_intent", MARGIN), "permission_opened", "03-05 10:00", {"permission": "margin"}, True),
        (("permission_intent", MARGIN), "permission_opened", "12-05 10:00", {"permission": "margin"}, True),
        (("permission_intent", MARGIN), "permission_opened", "03-05 10:00", {"permission": "options"}, False),
        (("permission_intent", MARGIN), "permission_opened", "03-02 09:00", {"permission": "margin"}, False),
        (("permission_intent", MARGIN), "asset_inflow", "03-05 10:00", {"amount": 1e6}, False),
        (IDLE, "asset_inflow", "03-05 10:00", {"amount": 30000}, True),
        (IDLE, "asset_inflow", "03-05 10:00", {"amount": 29999}, False),
        (IDLE, "asset_inflow", "03-05 10:00", {}, False),
        (IDLE, "asset_inflow", "05-31 20:00", {"amount": 30000}, True),
        (IDLE, "asset_inflow", "06-01 09:00", {"amount": 30000}, False),
        (("idle_funds", {}), "asset_inflow", "03-05 10:00", {"amount": 1}, True),
        (("idle_funds", {}), "asset_inflow", "03-05 10:00", {}, True),
        (IDLE, "product_purchased", "03-05 10:00", {"product": "gold"}, True),
        (IDLE, "asset_outflow", "03-05 10:00", {"amount": 30000}, False),
        (BANK, "asset_inflow", "03-05 10:00", {"amount": 30000}, True),
        (BANK, "product_purchased", "03-05 10:00", {"product": "gold"}, False),
        (ETF, "product_purchased", "03-05 10:00", {"product": "index_fund"}, True),
        (ETF, "product_purchased", "03-05 10:00", {"product": "gold"}, False),
        (BOND, "product_purchased", "03-05 10:00", {"product": "convertible_bond"}, False),
        (("product_preference", {"product": "convertible_bond"}), "permission_opened", "03-05 10:00",
         {"permission": "convertible_bond"}, False),
        (("complaint", {"topic": "app"}), "asset_inflow", "03-05 10:00", {"amount": 1e6}, False),
    ],
)  # fmt: skip
def test_conversion(
    lead: tuple[str, dict[str, Any]], event: str, when: str, more: dict[str, Any], converts: bool
) -> None:
    found = opened(*lead).event(event, when, **more).lead("12-31 18:00")
    assert found.outcome is (LeadOutcome.CONVERTED if converts else LeadOutcome.OPEN)
    assert (found.outcome_id == "E1") is converts


def test_a_tenth_does_not_fail_by_the_last_binary_digit() -> None:
    found = opened("idle_funds", {"amount": [700000, 700000]}).event("asset_inflow", "03-05 10:00", amount=70000)
    assert found.lead("03-31 18:00").outcome is LeadOutcome.CONVERTED


def test_an_event_after_as_of_is_invisible() -> None:
    world = margin_lead().event("permission_opened", "03-05 10:00", permission="margin")
    assert world.lead("03-05 09:59").outcome is LeadOutcome.OPEN


def negate(world: World, when: str, tag: str, value: dict[str, Any]) -> World:
    return world.chat(f"n {when}", when, "C 算了").tag(f"n {when}", tag, value, turns=(0,), stance="negated")


@pytest.mark.parametrize(
    ("tag", "value", "outcome"),
    [
        ("permission_intent", MARGIN, LeadOutcome.DECLINED),
        ("complaint", {"topic": "app"}, LeadOutcome.DECLINED),
        ("churn_risk", {"kind": "transfer_out"}, LeadOutcome.RETAINED),
    ],
)
def test_negated_later_it_is_declined_and_for_churn_retained(
    tag: str, value: dict[str, Any], outcome: LeadOutcome
) -> None:
    found = negate(opened(tag, value), "03-05 10:00", tag, value).lead("03-31 18:00")
    assert (found.outcome, found.outcome_at) == (outcome, at("03-05 10:00"))


def test_another_key_negated_declines_nothing() -> None:
    world = negate(margin_lead(), "03-05 10:00", "permission_intent", {"permission": "options"})
    assert world.lead("03-31 18:00").outcome is LeadOutcome.OPEN


@pytest.mark.parametrize("refused", ["03-04 10:00", "03-09 10:00"])
def test_converted_wins_over_declined(refused: str) -> None:
    world = margin_lead().event("permission_opened", "03-05 10:00", permission="margin")
    assert negate(world, refused, "permission_intent", MARGIN).lead("03-31 18:00").outcome is LeadOutcome.CONVERTED


def test_a_conversion_belongs_to_the_lead_that_was_open() -> None:
    world = negate(margin_lead(), "03-05 10:00", "permission_intent", MARGIN)
    world.chat("again", "03-09 10:00", "C 还是开吧").tag("again", "permission_intent", MARGIN, turns=(0,))
    world.event("permission_opened", "03-12 10:00", permission="margin")
    assert [f.outcome for f in world.audit("03-31 18:00")] == [LeadOutcome.DECLINED, LeadOutcome.CONVERTED]


def test_lost_when_the_account_was_closed() -> None:
    world = opened("churn_risk", {"kind": "close_account"}).event("account_closed", "03-20 10:00")
    assert world.lead("03-31 18:00").outcome is LeadOutcome.LOST
    assert world.lead("03-19 18:00").outcome is LeadOutcome.OPEN


# --- in_window -------------------------------------------------------------------------------------------------------


def windowed(window: tuple[str | None, str | None]) -> World:
    """A margin lead whose conversation holds a callback."""
    world = World().call("a", "03-02 10:00", "A 您好", "C 我想开两融", "C 到时候打给我")
    return world.tag("a", "permission_intent", MARGIN).tag("a", "contact_time", callback(*window), turns=(2,))


@pytest.mark.parametrize(
    ("window", "contact", "inside"),
    [
        (("03-04T15:00", "03-04T18:00"), "03-04 15:00", True),
        (("03-04T15:00", "03-04T18:00"), "03-04 18:00", True),
        (("03-04T15:00", "03-04T18:00"), "03-04 14:59", False),
        (("03-04T15:00", "03-04T18:00"), "03-04 18:01", False),
        (("03-04T15:00", "03-04T15:00"), "03-04 15:15", True),
        (("03-04T15:00", "03-04T15:00"), "03-04 15:16", False),
        (("03-04T15:00", "03-04T15:00"), "03-04 14:59", False),
        (("03-04T15:00", None), "03-06 09:00", True),
        ((None, "03-04T15:00"), "03-03 09:00", True),
        ((None, "03-04T15:00"), "03-04 15:01", False),
        (("03-04T00:00", "03-04T23:59"), "03-04 09:00", True),
        (("03-04T00:00", "03-04T23:59"), "03-05 09:00", False),
        ((None, None), "03-03 09:00", None),
    ],
)
def test_the_callback_of_the_leads_conversation(
    window: tuple[str | None, str | None], contact: str, inside: bool | None
) -> None:
    world = windowed(window).missed_call("c", contact)
    assert world.lead("03-31 18:00", tag="permission_intent").in_window is inside


def test_an_attempt_counts_and_what_the_client_did_alone_does_not() -> None:
    world = windowed(("03-04T15:00", "03-04T18:00")).missed_call("i", "03-03 10:00", direction="inbound")
    assert world.lead("03-31 18:00", tag="permission_intent").in_window is None
    world.missed_call("c", "03-04 15:30")
    assert world.lead("03-31 18:00", tag="permission_intent").in_window is True


def test_only_the_first_contact_is_asked() -> None:
    world = windowed(("03-04T15:00", "03-04T18:00")).missed_call("c", "03-03 10:00").missed_call("d", "03-04 16:00")
    assert world.lead("03-31 18:00", tag="permission_intent").in_window is False


def test_a_callback_reached_before_its_window_is_followed_up_outside_of_it() -> None:
    world = windowed(("03-04T15:00", "03-04T18:00")).call("c", "03-03 10:00", "A 您好", "C 你说")
    lead = world.lead("03-31 18:00", tag="contact_time")
    assert (lead.status, lead.in_window) == ("followed_up", False)


def test_a_standing_callback_of_another_conversation() -> None:
    world = World().chat("cb", "03-02 09:00", "C 周三下午打给我")
    world.tag("cb", "contact_time", callback("03-04T15:00", "03-04T18:00"), turns=(0,))
    world.call("a", "03-02 10:00", "A 您好", "C 我想开两融", direction="inbound")
    world.tag("a", "permission_intent", MARGIN)
    early = world.missed_call("c", "03-04 14:00").lead("03-31 18:00", tag="permission_intent")
    assert early.in_window is False


def test_a_callback_that_was_kept_stands_no_longer() -> None:
    world = World().chat("cb", "03-02 09:00", "C 下午打给我")
    world.tag("cb", "contact_time", callback("03-02T13:00", "03-02T18:00"), turns=(0,))
    world.call("kept", "03-02 13:30", "A 您好", "C 我想开两融").tag("kept", "permission_intent", MARGIN)
    world.missed_call("c", "03-03 10:00")
    assert world.lead("03-31 18:00", tag="permission_intent").in_window is None


HABITS = [
    ([("preferred", ["any"], "15:00", None)], "03-03 15:00", True),
    ([("preferred", ["any"], "15:00", None)], "03-03 14:59", False),
    ([("preferred", ["trading_day"], "15:00", "18:00")], "03-03 18:00", True),
    ([("preferred", ["trading_day"], "15:00", "18:00")], "03-07 16:00", False),
    ([("preferred", ["sat", "sun"], None, None)], "03-07 09:00", True),
    ([("preferred", ["sat", "sun"], None, None)], "03-06 09:00", False),
    ([("avoid", ["any"], "09:30", "15:00")], "03-03 15:00", False),
    ([("avoid", ["any"], "09:30", "15:00")], "03-03 15:01", True),
    ([("avoid", ["any"], "22:00", "07:00")], "03-03 23:00", False),
    ([("preferred", ["any"], "12:00", "18:00"), ("avoid", ["any"], "13:00", "14:00")], "03-03 13:30", False),
    ([("preferred", ["any"], "12:00", "18:00"), ("avoid", ["any"], "13:00", "14:00")], "03-03 16:00", True),
    ([("preferred", ["any"], "12:00", "18:00"), ("avoid", ["any"], "13:00", "14:00")], "03-03 20:00", False),
]


@pytest.mark.parametrize(("habits", "contact", "inside"), HABITS)
def test_habits(habits: list[tuple[str, list[str], str | None, str | None]], contact: str, inside: bool) -> None:
    world = World().chat("h", "02-20 09:00", "C 我的习惯")
    for kind, days, start, end in habits:
        world.tag("h", "contact_time", {"kind": kind, "days": days, "from": start, "to": end}, turns=(0,))
    world.call("a", "03-02 10:00", "A 您好", "C 我想开两融", direction="inbound")
    world.tag("a", "permission_intent", MARGIN).missed_call("c", contact)
    assert world.lead("03-31 18:00").in_window is inside


def test_a_later_habit_replaces_the_earlier() -> None:
    world = World()
    for id, when, start in (("h", "02-20 09:00", "09:00"), ("i", "02-21 09:00", "15:00")):
        world.chat(id, when, "C 我的习惯")
        habit = {"kind": "preferred", "days": ["any"], "from": start, "to": None}
        world.tag(id, "contact_time", habit, turns=(0,))
    world.call("a", "03-02 10:00", "A 您好", "C 我想开两融", direction="inbound")
    world.tag("a", "permission_intent", MARGIN).missed_call("c", "03-03 10:00")
    assert world.lead("03-31 18:00").in_window is False
