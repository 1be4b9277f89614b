"""What a changed lexicon would change: tags paired old to new, and the leads they open or close."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from store_records import START, conversation, lead, tag

from huiyin.domain.conversation import Conversation
from huiyin.domain.correction import Verdict, judge
from huiyin.domain.tag import Tag
from huiyin.pipeline.reference import load_calendar, load_policy, load_topics
from huiyin.pipeline.retag import Auditor, Change, Difference, Told, difference, joined, retag_client

OPTIONS = {"permission": "options"}
AUDITOR = Auditor(
    policy=load_policy(), calendar=load_calendar(), topics=load_topics(), as_of=START + timedelta(days=10)
)


def versioned(one: Tag, version: str, **proof: Any) -> Tag:
    return one.model_copy(update={"proof": one.proof.model_copy(update={"lexicon_version": version, **proof})})


def of(old: list[Tag], new: list[Tag]) -> Difference:
    return difference(old, new, (), ())


def kinds(found: Difference) -> list[tuple[str, str]]:
    return [(c.change.value, c.tag) for c in found.tags]


def test_another_version_that_says_the_same_is_no_change() -> None:
    found = of([tag()], [versioned(tag(), "new")])
    assert (found.tags, found.same, found.rescored) == ((), 1, 0)


def test_another_rule_or_confidence_is_counted_and_not_listed() -> None:
    found = of([tag()], [versioned(tag(confidence=0.6), "new", rule="margin.other")])
    assert (found.tags, found.same, found.rescored) == ((), 0, 1)


def test_added_and_removed() -> None:
    other = tag(key="idle_funds", value={"amount": None, "available_from": None})
    assert kinds(of([tag()], [tag(), other])) == [("added", "idle_funds")]
    assert kinds(of([tag(), other], [tag()])) == [("removed", "idle_funds")]
    assert of([], []).tags == ()


def test_altered_in_stance_value_or_turns_shows_both_sides() -> None:
    for new in (tag(stance="negated"), tag(turns=(0, 1)), tag(value=OPTIONS)):
        (change,) = of([tag()], [new]).tags
        assert change.change is Change.ALTERED
        assert change.old is not None and change.new is not None
        assert (change.new.stance, change.new.value, change.new.turns) == (new.stance, new.value, new.turns)


def test_another_thing_in_other_turns_is_one_gone_and_one_new() -> None:
    assert kinds(of([tag()], [tag(value=OPTIONS, turns=(1,))])) == [
        ("removed", "permission_intent"),
        ("added", "permission_intent"),
    ]


def test_the_same_fact_is_paired_before_the_same_words() -> None:
    found = of([tag(), tag(value=OPTIONS)], [tag(value=OPTIONS)])
    assert [(c.change, c.old.value if c.old else None) for c in found.tags] == [
        (Change.REMOVED, {"permission": "margin"})
    ]


def test_two_appointments_are_paired_by_their_turns() -> None:
    def meet(hour: int, *turns: int) -> Tag:
        return tag(
            key="contact_time", value={"kind": "callback", "window": [f"2026-03-13T{hour}:00", None]}, turns=turns
        )

    (change,) = of([meet(15, 0), meet(10, 1)], [meet(11, 1), meet(15, 0)]).tags
    assert change.old is not None and change.new is not None
    assert (change.old.value["window"][0], change.new.value["window"][0]) == ("2026-03-13T10:00", "2026-03-13T11:00")


def test_conversations_do_not_mix() -> None:
    assert kinds(of([tag("d1")], [tag("d2")])) == [("removed", "permission_intent"), ("added", "permission_intent")]


def test_leads_open_close_and_stand_otherwise() -> None:
    late = lead("L2", status="missed")
    found = difference((), (), [lead("L1"), lead("L2")], [late, lead("L3")])
    assert {(c.lead_id, c.change.value) for c in found.leads} == {
        ("L1", "removed"), ("L2", "altered"), ("L3", "added"),
    }  # fmt: skip
    changed = next(c for c in found.leads if c.lead_id == "L2")
    assert (changed.old_status, changed.new_status) == ("pending", "missed")
    assert difference((), (), [lead()], [lead()]).leads == ()


def test_differences_of_clients_add_up() -> None:
    one, other = of([tag()], []), of([tag("d2")], [tag("d2")])
    both = joined([one, other])
    assert (len(both.tags), both.same) == (1, 1)
    assert both.counts() == {
        "tags": {"added": 0, "removed": 1, "altered": 0}, "leads": {"added": 0, "removed": 0, "altered": 0},
    }  # fmt: skip


def told(*tags: Tag, **values: Any) -> Told:
    return Told(client_id="C1", conversations=[conversation()], tags=tags, events=(), **values)


def finds(*tags: Tag) -> Any:
    def tagger(_conversation: Conversation) -> tuple[Tag, ...]:
        return tags

    return tagger


def test_a_new_tag_opens_its_lead_and_a_lost_one_closes_it() -> None:
    opened = retag_client(told(), finds(tag()), AUDITOR)
    assert [(c.change, c.tag) for c in opened.difference.leads] == [(Change.ADDED, "permission_intent")]
    assert opened.difference.leads[0].new_status == opened.leads[0].status.value
    closed = retag_client(told(tag()), finds(), AUDITOR)
    assert [c.change for c in closed.difference.leads] == [Change.REMOVED]
    assert closed.leads == ()


def test_what_people_judged_has_the_last_word() -> None:
    wrong = judge(tag(), Verdict.WRONG, at=START)
    again = retag_client(told(corrections=[wrong]), finds(tag()), AUDITOR)
    assert (again.tags, again.leads, again.difference.tags) == ((), (), ())


def test_tags_given_by_hand_stay_and_are_not_doubled() -> None:
    by_hand = versioned(tag(), "old", rule="given:tags.jsonl:1", source="given")
    kept = retag_client(told(by_hand), finds(tag(stance="negated"), tag(value=OPTIONS)), AUDITOR)
    assert kept.tags == (by_hand, tag(value=OPTIONS))
    assert kinds(kept.difference) == [("added", "permission_intent")]
