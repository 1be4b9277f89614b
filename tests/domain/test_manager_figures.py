"""spec/audit.md, "For managers": figures by group, each with its leads, and who a conversion is credited to."""

from __future__ import annotations

from typing import Any

import pytest
from audit_world import MARGIN, World, at
from hypothesis import given
from hypothesis import strategies as st

from huiyin.domain.attribution import AttributionModel, attribute, touches, weights
from huiyin.domain.crm import Advisor
from huiyin.domain.lead import AuditedLead, LeadOutcome, LeadStatus
from huiyin.domain.summary import GroupBy, GroupFigures, in_denominator, summarise, week_of


def lead(id: str, **more: Any) -> AuditedLead:
    """A lead that opened on Monday 2 March 2026 and is due on the 4th."""
    fields: dict[str, Any] = {
        "lead_id": id,
        "client_id": "K1",
        "advisor_id": "A1",
        "tag": "idle_funds",
        "discriminator": None,
        "value": {},
        "opened_at": at("03-02 10:00"),
        "due_at": at("03-04 18:00"),
        "due_provisional": False,
        "status": "missed",
        "outcome": "open",
        "in_window": None,
        "response_minutes": None,
        "contacts": (),
        "evidence": (),
        "kind": "opportunity",
        "due_rule": "",
    }
    return AuditedLead.model_validate(fields | more)


CONVERTED_EARLY = {"outcome": "converted", "outcome_at": at("03-03 10:00"), "outcome_id": "E1"}
CONVERTED_LATE = {"outcome": "converted", "outcome_at": at("03-09 10:00"), "outcome_id": "E1"}

LEADS = [
    lead("followed", status="followed_up", response_minutes=30, value={"amount": [100000, 200000]}),
    lead("late", status="late", response_minutes=90, advisor_id="A2", **CONVERTED_LATE),
    lead("missed", opened_at=at("03-09 10:00"), value={"amount": [1000, 1000], "currency": "USD"}),
    lead("unreached", status="unreached", tag="complaint", discriminator="app", kind="retention"),
    lead("off", status="off_topic", advisor_id="A3"),
    lead("pending", status="pending"),
    lead("unverified", status="unverified"),
    lead("suppressed", status="suppressed"),
    lead("early", status="missed", **CONVERTED_EARLY),
    lead("early and followed", status="followed_up", response_minutes=10, value={"amount": [5, 5]}, **CONVERTED_EARLY),
]
ADVISORS = [
    Advisor(advisor_id="A1", name="李顾问", team="一组", branch="上海"),
    Advisor(advisor_id="A2", name="王顾问", team="二组"),
]


def test_the_follow_up_rate_leaves_out_what_the_spec_leaves_out() -> None:
    assert [f.lead_id for f in LEADS if in_denominator(f)] == ["followed", "late", "missed", "unreached", "off"]
    total = summarise(LEADS).total
    assert total.follow_up_rate.value == pytest.approx(1 / 5)
    assert total.follow_up_rate.lead_ids == ("followed", "late", "missed", "unreached", "off")


def test_figures_open_their_leads() -> None:
    total = summarise(LEADS).total
    assert total.leads.value == 10
    assert (total.followed_up.value, total.late.value, total.missed.value) == (2, 1, 2)
    assert total.missed.lead_ids == ("missed", "early")
    assert (total.median_response_minutes.value, len(total.median_response_minutes.lead_ids)) == (30, 3)
    assert total.converted.lead_ids == ("late", "early", "early and followed")
    assert total.conversion_rate.value == pytest.approx(3 / 9)  # a complaint cannot convert
    assert (total.amount_named_min.value, total.amount_named_max.value) == (100005, 200005)  # no dollars
    assert total.amount_named_min.lead_ids == ("followed", "early and followed")


def group(by: GroupBy) -> dict[str | None, GroupFigures]:
    return {g.key: g for g in summarise(LEADS, advisors=ADVISORS).groups[by]}


def test_groups() -> None:
    assert {k: g.leads.value for k, g in group(GroupBy.ADVISOR).items()} == {"A1": 8, "A2": 1, "A3": 1}
    assert {k: g.leads.value for k, g in group(GroupBy.TEAM).items()} == {"一组": 8, "二组": 1, None: 1}
    assert {k: g.leads.value for k, g in group(GroupBy.BRANCH).items()} == {"上海": 8, None: 2}
    assert {k: g.leads.value for k, g in group(GroupBy.TAG).items()} == {"complaint": 1, "idle_funds": 9}
    assert {k: g.leads.value for k, g in group(GroupBy.WEEK).items()} == {"2026-W10": 9, "2026-W11": 1}
    assert [g.label for g in group(GroupBy.ADVISOR).values()] == ["李顾问", "王顾问", "A3"]
    assert group(GroupBy.TEAM)[None].label == "未登记"
    assert group(GroupBy.TAG)["complaint"].label == "不满投诉"


def test_the_weeks_of_the_turn_of_the_year_are_iso_weeks() -> None:
    assert week_of(lead("x", opened_at=at("2027-01-01T10:00"))) == "2026-W53"


def test_nothing_to_divide_by_is_none() -> None:
    total = summarise([lead("p", status="pending")]).total
    assert (total.follow_up_rate.value, total.median_response_minutes.value) == (None, None)
    assert summarise([]).total.leads.value == 0


@given(st.lists(st.tuples(st.sampled_from(LeadStatus), st.sampled_from(LeadOutcome), st.sampled_from("ABC"))))
def test_groups_add_up_to_the_whole_and_the_rate_is_a_share(rows: list[tuple[str, str, str]]) -> None:
    leads = [
        lead(str(n), status=status, outcome=outcome, advisor_id=advisor, outcome_at=at("03-03 10:00"))
        for n, (status, outcome, advisor) in enumerate(rows)
    ]
    summary = summarise(leads)
    for groups in summary.groups.values():
        assert sorted(i for g in groups for i in g.leads.lead_ids) == sorted(f.lead_id for f in leads)
        for one in (*groups, summary.total):
            assert one.follow_up_rate.value is None or 0 <= one.follow_up_rate.value <= 1


# --- attribution -----------------------------------------------------------------------------------------------------


def converted(*contacts: str) -> AuditedLead:
    """A margin lead with reached calls at the given times, and the permission opened on 17 March at 10:00."""
    world = World().call("open", "03-02 10:00", "A 您好", "C 我想开两融").tag("open", "permission_intent", MARGIN)
    for number, when in enumerate(contacts):
        world.call(f"c{number}", when, "A 两融", "C 两融好", advisor=f"A{number}")
    return world.event("permission_opened", "03-17 10:00", permission="margin").lead("03-31 18:00")


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first_touch", (1, 0, 0)),
        ("last_touch", (0, 0, 1)),
        ("linear", (1 / 3, 1 / 3, 1 / 3)),
        ("time_decay", (1 / 7, 2 / 7, 4 / 7)),
        ("position", (0.4, 0.2, 0.4)),
    ],
)
def test_models_share_one_conversion(model: str, expected: tuple[float, ...]) -> None:
    found = weights(converted("03-03 10:00", "03-10 10:00", "03-17 10:00"), AttributionModel(model))
    assert found == pytest.approx(expected)


def test_touches_reached_the_client_before_the_conversion() -> None:
    world = World().call("open", "03-02 10:00", "A 您好", "C 我想开两融").tag("open", "permission_intent", MARGIN)
    world.missed_call("attempt", "03-03 09:00").call("off", "03-03 10:00", "A 生日快乐", "C 谢谢")
    world.call("on", "03-04 10:00", "A 两融", "C 两融好").call("after", "03-20 10:00", "A 两融", "C 两融好")
    world.event("permission_opened", "03-17 10:00", permission="margin")
    assert [c.id for c in touches(world.lead("03-31 18:00"))] == ["off", "on"]


def test_a_lead_that_did_not_convert_or_was_not_touched_credits_nobody() -> None:
    assert attribute([converted()]) == ()
    assert attribute([lead("x")]) == ()


def test_credits_name_contact_and_advisor() -> None:
    found = attribute([converted("03-03 10:00", "03-10 10:00")], [AttributionModel.LAST_TOUCH])
    assert [(c.contact_id, c.advisor_id, c.weight) for c in found] == [("c0", "A0", 0.0), ("c1", "A1", 1.0)]


@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=9, unique=True), st.sampled_from(AttributionModel))
def test_shares_are_positive_and_add_up_to_one(minutes: list[int], model: AttributionModel) -> None:
    times = sorted((at("03-03 10:00").replace(hour=m // 60 % 24, minute=m % 60, day=3 + m // 1440)) for m in minutes)
    found = weights(converted(*(t.strftime("%m-%d %H:%M") for t in times)), model)
    assert sum(found) == pytest.approx(1)
    assert all(w >= 0 for w in found)
