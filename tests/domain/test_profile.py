"""spec/audit.md, "Profile": what stands, what ended and why, conflicts, suitability, at any past moment."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from audit_world import MARGIN, World, at, callback
from hypothesis import given
from hypothesis import strategies as st

from huiyin.domain.audit import AuditInput
from huiyin.domain.crm import Client
from huiyin.domain.profile import EndReason, Profile, build_profile, build_profiles, left_of
from huiyin.pipeline.reference import load_default_policy, load_policy, load_suitability

RULES = load_suitability()


def said(*things: tuple[Any, ...]) -> World:
    """(when, tag, value[, stance]) each in a chat of its own, or (when, event, fields) for an event."""
    world = World()
    for number, (when, what, value, *stance) in enumerate(things):
        if stance == ["event"]:
            world.event(what, when, **value)
        else:
            world.chat(f"c{number}", when, "C 说了")
            world.tag(f"c{number}", what, value, turns=(0,), stance=stance[0] if stance else "affirmed")
    return world


def profile(world: World, as_of: str, client: Client | None = None, **policy: Any) -> Profile:
    return build_profile(
        "K1", client, world.tags, world.events, policy=load_policy(policy), rules=RULES, as_of=at(as_of)
    )


def standing(found: Profile) -> list[str]:
    return [f"{t.tag}:{t.discriminator}" for t in found.tags]


def ends(found: Profile) -> list[tuple[str, str | None, str | None]]:
    return [(t.conversation_id, t.ended_why, t.ended_by) for t in found.history]


def record(**fields: Any) -> Client:
    return Client.model_validate({"client_id": "K1", "advisor_id": "A1", **fields})


def test_a_later_tag_of_the_same_key_replaces_the_earlier() -> None:
    world = said(
        ("03-02 10:00", "idle_funds", {"amount": [100000, 100000]}),
        ("03-03 10:00", "idle_funds", {"amount": [500000, 500000]}),
    )
    found = profile(world, "03-04 10:00")
    assert [t.value["amount"] for t in found.tags] == [[500000, 500000]]
    assert ends(found) == [("c0", EndReason.REPLACED, "c1")]


def test_another_discriminator_stands_beside_it() -> None:
    world = said(
        ("03-02 10:00", "permission_intent", MARGIN), ("03-03 10:00", "permission_intent", {"permission": "bse"})
    )
    assert standing(profile(world, "03-04 10:00")) == ["permission_intent:bse", "permission_intent:margin"]


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (("risk_preference", {"level": "aggressive"}), ("risk_preference", {"level": "conservative"})),
        (("experience_level", {"level": "novice"}), ("experience_level", {"level": "experienced"})),
    ],
)
def test_of_a_level_only_the_last_stands(first: tuple[str, Any], later: tuple[str, Any]) -> None:
    found = profile(said(("03-02 10:00", *first), ("03-03 10:00", *later)), "03-04 10:00")
    assert standing(found) == [f"{later[0]}:{later[1]['level']}"]


def test_a_negated_tag_ends_it_and_is_kept_as_a_refusal() -> None:
    world = said(("03-02 10:00", "permission_intent", MARGIN), ("03-03 10:00", "permission_intent", MARGIN, "negated"))
    found = profile(world, "03-04 10:00")
    assert found.tags == ()
    assert [t.discriminator for t in found.refusals] == ["margin"]
    assert ends(found) == [("c0", EndReason.NEGATED, "c1")]


def test_wanted_again_the_refusal_is_history() -> None:
    world = said(("03-02 10:00", "permission_intent", MARGIN, "negated"), ("03-03 10:00", "permission_intent", MARGIN))
    found = profile(world, "03-04 10:00")
    assert (standing(found), found.refusals) == (["permission_intent:margin"], ())


@pytest.mark.parametrize(("permission", "stands"), [("margin", False), ("options", True)])
def test_an_event_ends_the_intent(permission: str, stands: bool) -> None:
    world = said(
        ("03-02 10:00", "permission_intent", MARGIN),
        ("03-03 10:00", "permission_opened", {"permission": permission}, "event"),
    )
    found = profile(world, "03-04 10:00")
    assert bool(found.tags) is stands
    assert ends(found) == ([] if stands else [("c0", EndReason.EVENT, "E1")])


def test_an_event_before_the_words_ends_nothing() -> None:
    world = said(
        ("03-01 10:00", "permission_opened", {"permission": "margin"}, "event"),
        ("03-02 10:00", "permission_intent", MARGIN),
    )
    assert standing(profile(world, "03-04 10:00")) == ["permission_intent:margin"]


def test_a_name_takes_the_place_of_a_type_and_nothing_elsewhere_ends_all() -> None:
    bank = {"institution_type": "bank"}
    named = {"institution": "招商银行", "institution_type": "bank"}
    world = said(("03-02 10:00", "external_assets", bank), ("03-03 10:00", "external_assets", named))
    assert standing(profile(world, "03-04 10:00")) == ["external_assets:招商银行"]
    world = said(("03-02 10:00", "external_assets", named), ("03-03 10:00", "external_assets", {}, "negated"))
    assert profile(world, "03-04 10:00").tags == ()


def test_the_wish_for_a_call_ends_do_not_contact() -> None:
    world = said(("03-02 10:00", "do_not_contact", {}), ("03-03 10:00", "contact_time", callback("03-05T15:00", None)))
    assert standing(profile(world, "03-03 12:00")) == ["contact_time:callback"]


def test_an_appointment_that_is_over_stands_no_longer() -> None:
    world = said(("03-02 10:00", "contact_time", callback("03-04T15:00", "03-04T18:00")))
    assert standing(profile(world, "03-04 20:00")) == ["contact_time:callback"]
    assert ends(profile(world, "03-05 10:00")) == [("c0", EndReason.PAST, None)]


def test_confidence_halves_every_half_life_and_below_the_floor_it_is_history() -> None:
    world = said(("03-02 10:00", "permission_intent", MARGIN))  # 0.9, half-life 30 days
    after = profile(world, "04-01 10:00").tags[0]
    assert after.confidence == pytest.approx(0.45)
    assert after.said_confidence == 0.9
    faded = profile(world, "05-10 10:00")
    assert (faded.tags, faded.history[0].ended_why) == ((), EndReason.FADED)
    ended_at = faded.history[0].ended_at
    assert ended_at is not None
    assert ended_at.date() == date(2026, 5, 6)  # 30 · log2(0.9 / 0.2) = 65.1 days
    assert profile(world, "05-10 10:00", confidence_floor=0.1).history == ()
    assert profile(world, "05-10 10:00", half_life_days={"permission_intent": 60}).history == ()


@given(st.floats(0.01, 1), st.integers(1, 400), st.integers(0, 2000), st.integers(0, 2000))
def test_fading_only_ever_falls(confidence: float, half_life: int, one: int, other: int) -> None:
    said_at = at("03-02 10:00")
    early, late = sorted((one, other))
    values = [left_of(confidence, said_at, half_life, said_at + timedelta(days=d)) for d in (0, early, late)]
    assert values == sorted(values, reverse=True)
    assert values[0] == confidence
    assert left_of(confidence, said_at, half_life, said_at + timedelta(days=half_life)) == pytest.approx(confidence / 2)


def test_every_state_shows_at_a_past_date() -> None:
    world = said(
        ("03-02 10:00", "permission_intent", MARGIN),
        ("03-04 10:00", "permission_intent", MARGIN, "negated"),
        ("03-06 10:00", "permission_intent", MARGIN),
        ("03-08 10:00", "permission_opened", {"permission": "margin"}, "event"),
    )
    stands = {day: bool(profile(world, f"03-{day:02d} 12:00").tags) for day in (1, 3, 5, 7, 9)}
    assert stands == {1: False, 3: True, 5: False, 7: True, 9: False}
    assert len(profile(world, "03-09 12:00").history) == 3


# --- conflicts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "said_level", "differs"),
    [
        ("C2", "aggressive", True),
        ("C1", "aggressive", True),
        ("C5", "aggressive", False),
        ("C4", "aggressive", False),
        ("C5", "conservative", True),
        ("C2", "conservative", False),
        ("C3", "balanced", False),
        (None, "aggressive", False),
    ],
)
def test_risk_level_against_words(level: str | None, said_level: str, differs: bool) -> None:
    world = said(("03-02 10:00", "risk_preference", {"level": said_level}))
    found = profile(world, "03-03 10:00", record(risk_level=level)).conflicts
    assert [c.id for c in found] == (["risk_level"] if differs else [])
    if differs:
        assert str(level) in found[0].on_record
        assert (found[0].conversation_id, found[0].quote) == ("c0", "说了")


def test_margin_wanted_with_little_money_shows_both_sides() -> None:
    client = record(avg_assets_20d=200_000, risk_level="C4", first_traded_on="2020-01-02", permissions=[])
    found = profile(said(("03-02 10:00", "permission_intent", MARGIN)), "03-03 10:00", client)
    assert [(c.id, c.on_record) for c in found.conflicts] == [("permission_avg_assets_20d", "20日日均资产20万元")]
    assert "融资融券" in found.conflicts[0].said


def test_a_permission_wanted_that_is_held_already() -> None:
    found = profile(said(("03-02 10:00", "permission_intent", MARGIN)), "03-03 10:00", record(permissions=["margin"]))
    assert [c.id for c in found.conflicts] == ["permission_held"]
    assert found.suitability[0].held is True


def test_what_was_opened_later_was_not_held_then() -> None:
    world = said(
        ("03-02 10:00", "permission_intent", MARGIN),
        ("03-09 10:00", "permission_opened", {"permission": "margin"}, "event"),
    )
    assert profile(world, "03-03 10:00", record(permissions=["margin"])).conflicts == ()


def test_a_beginner_who_has_traded_for_years() -> None:
    world = said(("03-02 10:00", "experience_level", {"level": "novice"}))
    assert [c.id for c in profile(world, "03-03 10:00", record(first_traded_on="2015-01-05")).conflicts] == [
        "experience"
    ]
    assert profile(world, "03-03 10:00", record(first_traded_on="2025-12-01")).conflicts == ()


def test_a_client_the_crm_does_not_know_has_a_profile_too() -> None:
    found = profile(said(("03-02 10:00", "permission_intent", MARGIN)), "03-03 10:00")
    assert (found.client, standing(found), found.conflicts) == (None, ["permission_intent:margin"], ())


def test_profiles_of_all_clients_by_id() -> None:
    world = said(("03-02 10:00", "permission_intent", MARGIN))
    clients = [Client(client_id="K9", advisor_id="A1"), Client(client_id="K0", advisor_id="A1")]
    data = AuditInput(tags=world.tags, clients=clients)
    found = build_profiles(data, policy=load_default_policy(), rules=RULES, as_of=at("03-03 10:00"))
    profiles = list(found)
    assert [p.client_id for p in profiles] == ["K0", "K1", "K9"]
    assert Profile.model_validate(profiles[1].as_line()) == profiles[1]


def test_as_of_without_a_zone_is_shanghai() -> None:
    world = said(("03-02 10:00", "permission_intent", MARGIN))
    naive = datetime(2026, 3, 2, 10, 0)  # noqa: DTZ001
    found = build_profile("K1", None, world.tags, (), policy=load_default_policy(), rules=RULES, as_of=naive)
    assert standing(found) == ["permission_intent:margin"]
