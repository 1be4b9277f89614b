"""Judgements in the database: history, order, what to judge next; on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from store_records import START, advisor, client, conversation, lead, run, tag

from huiyin.domain.correction import Correction, Verdict, judge
from huiyin.domain.errors import NotFoundError, StoreError
from huiyin.domain.tag import Tag
from huiyin.store import schema
from huiyin.store.corrections import Judged, SavedCorrections, save_corrections, withdraw_correction
from huiyin.store.engine import Store
from huiyin.store.queries.conversations import get_conversation, load_tags
from huiyin.store.queries.corrections import (
    correction_history,
    find_uncertain,
    iter_conversations,
    judged_conversations,
    load_corrections,
    tags_of,
)
from huiyin.store.queries.leads import load_leads
from huiyin.store.queries.runs import counts, last_run
from huiyin.store.save import Found, RunRecords, save_found, save_run

NOW = START + timedelta(days=9)


def said(verdict: Verdict = Verdict.WRONG, *, on: Tag | None = None, after: int = 0, **values: Any) -> Correction:
    return judge(on or tag(), verdict, at=START + timedelta(hours=after), by="王", **values)


def keep(store: Store, *corrections: Correction, dated: bool = True) -> SavedCorrections:
    return save_corrections(store, [Judged(correction=c, dated=dated) for c in corrections], now=lambda: NOW)


def test_what_was_kept_comes_back(store: Store) -> None:
    change = said(Verdict.CHANGED, new_value={"permission": "options"}, note="听起来是期权")
    assert keep(store, change) == SavedCorrections(added=1)
    assert load_corrections(store) == (change,)
    assert load_corrections(store, conversation_ids=["d1"]) == (change,)
    assert load_corrections(store, conversation_ids=["d2"]) == ()


def test_the_same_twice_changes_nothing(store: Store) -> None:
    keep(store, said())
    assert keep(store, said()) == SavedCorrections(known=1)
    assert keep(store, said(after=5), dated=False) == SavedCorrections(known=1)
    assert correction_history(store, "d1") == ()


def test_a_later_word_replaces_an_earlier_one_and_both_are_on_record(store: Store) -> None:
    keep(store, said(Verdict.WRONG))
    assert keep(store, said(Verdict.RIGHT, after=1)) == SavedCorrections(changed=1)
    assert [c.verdict for c in load_corrections(store)] == [Verdict.RIGHT]
    (before,) = correction_history(store, "d1")
    assert before.value.verdict is Verdict.WRONG
    assert before.until == NOW


def test_an_old_file_does_not_undo_what_was_judged_since(store: Store) -> None:
    keep(store, said(Verdict.WRONG), dated=False)
    keep(store, said(Verdict.RIGHT, after=1))
    assert keep(store, said(Verdict.WRONG)) == SavedCorrections(known=1)
    assert keep(store, said(Verdict.WRONG, after=2), dated=False) == SavedCorrections(known=1)
    assert [c.verdict for c in load_corrections(store)] == [Verdict.RIGHT]
    assert keep(store, said(Verdict.WRONG, after=2)) == SavedCorrections(changed=1)


def test_withdrawn_is_withdrawn_also_for_the_file_that_brought_it(store: Store) -> None:
    keep(store, said(), dated=False)
    withdraw_correction(store, said().fact, now=lambda: NOW)
    assert load_corrections(store) == ()
    assert len(correction_history(store, "d1")) == 1
    assert keep(store, said(), dated=False) == SavedCorrections(known=1)
    with pytest.raises(NotFoundError):
        withdraw_correction(store, said().fact)


def test_a_bad_one_among_many_keeps_none(store: Store) -> None:
    class BreakError(Exception):
        pass

    def some() -> Any:
        yield Judged(correction=said())
        raise BreakError

    with pytest.raises(BreakError):
        save_corrections(store, some())
    assert load_corrections(store) == ()


def fill(store: Store, *tags: Tag) -> None:
    names = {t.conversation_id for t in tags} | {"d1"}
    talks = [conversation(name) for name in sorted(names)]
    save_run(store, run(), RunRecords(conversations=talks, clients=[client()], advisors=[advisor()], tags=tags))


def weak(confidence: float, name: str = "d1", key: str = "permission_intent", **values: Any) -> Tag:
    return tag(name, key, confidence=confidence, **values)


def test_uncertain_tags_come_weakest_first_and_spread_over_types(store: Store) -> None:
    fill(
        store,
        weak(0.60, "d1"),
        weak(0.55, "d2"),
        weak(0.50, "d3"),
        weak(0.70, "d1", "do_not_contact", value={}),
        weak(0.95, "d2", "do_not_contact", value={}),
    )
    found = find_uncertain(store, below=0.8, limit=10)
    assert [(t.tag, t.confidence) for t in found] == [
        ("permission_intent", 0.50), ("do_not_contact", 0.70), ("permission_intent", 0.55), ("permission_intent", 0.60),
    ]  # fmt: skip
    assert find_uncertain(store, below=0.8, limit=2) == found[:2]
    assert find_uncertain(store, below=0.5, limit=10) == ()


def test_what_was_judged_is_not_asked_again(store: Store) -> None:
    fill(store, weak(0.6), weak(0.6, "d2"))
    keep(store, said(on=weak(0.6)))
    assert [t.conversation_id for t in find_uncertain(store, below=0.8, limit=9)] == ["d2"]
    withdraw_correction(store, said().fact)
    assert len(find_uncertain(store, below=0.8, limit=9)) == 2


def test_a_second_promise_is_asked_though_the_first_was_judged(store: Store) -> None:
    value = {"action": "call_back", "due": None}
    one = weak(0.6, key="advisor_commitment", value=value, turns=(0,), quote="我想开两融")
    other = weak(0.6, key="advisor_commitment", value=value, turns=(1,), quote="好的")
    fill(store, one, other)
    keep(store, said(on=one))
    assert [t.quote for t in find_uncertain(store, below=0.8, limit=9)] == ["好的"]


def test_a_conversation_tells_what_was_said_of_it(store: Store) -> None:
    fill(store, tag(), tag("d2"))
    keep(store, said())
    assert get_conversation(store, "d1").corrections == (said(),)
    assert get_conversation(store, "d2").corrections == ()
    assert judged_conversations(store) == ("d1",)
    assert tags_of(store, ["d1", "d2", "d9"]) == {"d1": (tag(),), "d2": (tag("d2"),)}
    assert [c.conversation_id for c in iter_conversations(store, ["d2", "d9", "d1"])] == ["d2", "d1"]


def test_from_the_first_schema_up_on_data(store: Store) -> None:
    fill(store, tag())
    with store.write() as connection:
        schema.downgrade(connection, "0001")
    store.upgrade()
    assert counts(store).tags == 1
    keep(store, said())
    assert load_corrections(store) == (said(),)


def found(*tags: Tag, leads: Any = ()) -> list[Found]:
    return [Found(conversation_ids=["d1"], tags=tags, leads=leads)]


def test_new_tags_replace_those_of_their_conversations_alone(store: Store) -> None:
    fill(store, tag(), tag("d2"))
    other = tag(value={"permission": "options"})
    saved = save_found(store, run("r2", lexicon_version="new"), found(other, leads=[lead()]), after="r1")
    assert not saved.unchanged
    assert load_tags(store) == (other, tag("d2"))
    assert [x.lead_id for x in load_leads(store)] == ["L1"]
    again = save_found(store, run("r3", lexicon_version="newer"), found(leads=[]), after="r2")
    assert not again.unchanged
    assert (load_tags(store), load_leads(store)) == ((tag("d2"),), ())
    last = last_run(store)
    assert last is not None and last.facts.run_id == "r3"


def test_nothing_new_leaves_no_run(store: Store) -> None:
    fill(store, tag())
    saved = save_found(store, run("r2"), found(tag()), after="r1")
    assert (saved.unchanged, saved.run_id, counts(store).runs) == (True, "r1", 1)


def test_what_was_saved_meanwhile_is_not_overwritten(store: Store) -> None:
    fill(store, tag())
    save_run(store, run("r2"), RunRecords(conversations=[conversation("d5")]))
    with pytest.raises(StoreError, match="in the meantime"):
        save_found(store, run("r3"), found(), after="r1")
    assert load_tags(store) == (tag(),)


def test_stopped_half_way_writes_nothing(store: Store) -> None:
    fill(store, tag())

    def parts() -> Any:
        yield from found()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save_found(store, run("r2"), parts(), after="r1")
    assert load_tags(store) == (tag(),)
    assert counts(store).runs == 1
