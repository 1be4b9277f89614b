"""Saving a run: idempotent, with history, whole or not at all; on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from store_records import START, advisor, client, contact, conversation, event, lead, run, tag

from huiyin.domain.conversation import Recording, Turn, Word
from huiyin.domain.errors import NotFoundError, StoreError
from huiyin.pipeline.ingest import issue
from huiyin.store import lead_rows
from huiyin.store.engine import Store, open_store
from huiyin.store.queries import clients, conversations, leads, runs
from huiyin.store.save import RunRecords, save_run
from huiyin.store.tables import METADATA


def everything(store: Store) -> dict[str, list[Any]]:
    """Every row of every table: ids, times, all."""
    with store.read() as connection:
        return {
            name: sorted(map(repr, connection.execute(select(table)).all())) for name, table in METADATA.tables.items()
        }


def records(**values: Any) -> RunRecords:
    facts: dict[str, Any] = {
        "clients": [client()],
        "advisors": [advisor()],
        "events": [event()],
        "conversations": [conversation(), conversation("d2", started_at=START + timedelta(days=1))],
        "tags": [tag()],
        "leads": [lead(status="followed_up", contacts=(contact(),), response_minutes=1440.0)],
        "issues": [issue.warning("calls.csv", "unknown column", column="x")],
    }
    return RunRecords(**(facts | values))


def test_what_is_saved_comes_back_equal(store: Store) -> None:
    rich = conversation(
        recording=Recording(path="a/b.wav", sha256="ff", advisor_channel=1, channels=2, duration_s=9.5),
        transcript_state="transcribed",
        transcript_note="听不清",
        recognizer="base",
        turns=(
            Turn(
                turn=0,
                speaker="client",
                start=0.1,
                end=2.5,
                text="我想开两融",
                channel=0,
                confidence=0.7,
                words=(Word(text="我", start=0.1, end=0.3, probability=0.5), Word(text="想", start=0.3, end=0.4)),
                quoted=((0, 1), (2, 3)),
                recalled=True,
                msgid="m1",
                author_id="u1",
                kind="speech",
            ),
        ),
    )
    whole = client(permissions=(), birth_year=1970, opened_on="2020-01-02", total_assets=1234.5, phone="13800001111")
    given = records(clients=[whole], conversations=[rich, conversation("d2")])
    save_run(store, run(), given)
    detail = conversations.get_conversation(store, "d1")
    assert detail.conversation == rich
    assert detail.client == whole
    assert detail.advisor == advisor()
    assert detail.tags == (tag(),)
    assert detail.leads == ("L1",)
    assert conversations.get_conversation(store, "d2").contact_of == ("L1",)
    assert conversations.get_recording(store, "d1") == rich.recording
    assert leads.get_lead(store, "L1").item.lead == given.leads[0]
    assert clients.get_client(store, "C1").events == (event(),)
    assert set(conversations.load_conversations(store)) == set(given.conversations)
    assert conversations.load_tags(store, client_ids=["C1"]) == (tag(),)
    assert leads.load_leads(store) == tuple(given.leads)
    assert detail.conversation.started_at.utcoffset() == timedelta(hours=8)


def test_the_same_run_twice_changes_nothing(store: Store) -> None:
    first = save_run(store, run(), records())
    before = everything(store)
    again = save_run(store, run(), records())
    assert not first.unchanged and again.unchanged
    assert everything(store) == before


def test_a_repeated_run_with_an_id_of_its_own_changes_nothing(store: Store) -> None:
    save_run(store, run("r1"), records())
    before = everything(store)
    later = run("r2", started_at=START + timedelta(days=9), finished_at=START + timedelta(days=10))
    saved = save_run(store, later, records())
    assert saved.unchanged and saved.run_id == "r1"
    assert everything(store) == before


def test_the_order_of_records_makes_no_difference(store: Store) -> None:
    two = [tag(value={"permission": "margin"}), tag(value={"permission": "options"}, turns=(1,))]
    save_run(store, run("r1"), records(tags=two))
    assert save_run(store, run("r2"), records(tags=two[::-1])).unchanged


def test_a_later_day_that_finds_the_same_confirms_the_findings(store: Store) -> None:
    save_run(store, run("r1"), records())
    saved = save_run(store, run("r2", as_of=START + timedelta(days=8)), records())
    assert not saved.unchanged
    detail = leads.get_lead(store, "L1")
    assert detail.item.as_of == START + timedelta(days=8)
    assert detail.history == ()


def test_a_changed_tag_keeps_its_earlier_state(store: Store) -> None:
    save_run(store, run("r1"), records())
    save_run(store, run("r2", lexicon_version="new"), records(tags=[tag(stance="negated")]))
    detail = clients.get_client(store, "C1")
    assert [t.stance for t in detail.tags] == ["negated"]
    (old,) = detail.tag_history
    assert old.value == tag()
    assert (old.since_run, old.until_run) == ("r1", "r2")
    assert old.until is not None and old.until > old.since


def test_a_tag_and_lead_that_vanish_are_ended_not_deleted(store: Store) -> None:
    save_run(store, run("r1"), records())
    before = {name: len(rows) for name, rows in everything(store).items()}
    save_run(store, run("r2"), records(tags=[], leads=[]))
    after = {name: len(rows) for name, rows in everything(store).items()}
    assert all(after[name] >= before[name] for name in before)
    assert clients.get_client(store, "C1").tags == ()
    assert len(clients.get_client(store, "C1").tag_history) == 1
    assert leads.find_leads(store).total == 0
    with pytest.raises(NotFoundError, match="L1"):
        leads.get_lead(store, "L1")
    save_run(store, run("r3"), records())
    assert len(leads.get_lead(store, "L1").history) == 1


def test_a_lead_keeps_every_finding(store: Store) -> None:
    pending, missed = lead(), lead(status="missed")
    late = lead(status="late", contacts=(contact(),), response_minutes=99.5, tags_said=2)
    for n, one in enumerate((pending, missed, late)):
        save_run(store, run(f"r{n}", as_of=START + timedelta(days=n)), records(leads=[one]))
    detail = leads.get_lead(store, "L1")
    assert detail.item.lead == late
    assert [state.value for state in detail.history] == [missed, pending]
    assert [(state.since_run, state.until_run) for state in detail.history] == [("r1", "r2"), ("r0", "r1")]


def test_a_new_transcript_leaves_the_old_one_in_place(store: Store) -> None:
    save_run(store, run("r1"), records())
    save_run(store, run("r2"), records(conversations=[conversation("d1", "新的字"), conversation("d2")]))
    assert [t.text for t in conversations.get_conversation(store, "d1").conversation.turns] == ["新的字"]
    assert any("我想开两融" in row for row in everything(store)["turns"])


def test_another_folder_leaves_yesterdays_things_alone(store: Store) -> None:
    save_run(store, run("monday", source="a"), records())
    today = RunRecords(conversations=[conversation("d9", client_id="C9", advisor_id="A9")])
    save_run(store, run("tuesday", source="b"), today)
    assert leads.find_leads(store).total == 1
    assert conversations.find_conversations(store).total == 3
    assert clients.get_client(store, "C9").in_crm is False
    assert clients.get_client(store, "C1").in_crm is True


def test_a_whole_run_ends_what_it_does_not_name(store: Store) -> None:
    save_run(store, run("r1"), records())
    whole = RunRecords(clients=[client("C2")], advisors=[advisor()], whole=True)
    save_run(store, run("r2"), whole)
    assert runs.counts(store).model_dump() == {
        "clients": 1, "advisors": 1, "conversations": 0, "tags": 0, "leads": 0, "events": 0, "runs": 2,
    }  # fmt: skip
    assert save_run(store, run("r3"), whole).unchanged


def test_a_chat_that_was_cut_anew_replaces_the_old_cut(store: Store) -> None:
    def chat(name: str, *msgids: str, client_id: str = "C1") -> Any:
        turns = tuple(Turn(turn=n, speaker="client", start=float(n), text=m, msgid=m) for n, m in enumerate(msgids))
        return conversation(name, channel="wecom", medium="chat", turns=turns, client_id=client_id)

    both = [chat("wecom:m2", "m2", "m3"), chat("g:m2", "m2", "m3", client_id="C2")]
    save_run(store, run("r1"), RunRecords(conversations=both, tags=[tag("wecom:m2")], leads=[]))
    save_run(store, run("r2"), RunRecords(conversations=[chat("wecom:m1", "m1", "m2", "m3")]))
    found = {item.conversation.conversation_id for item in conversations.find_conversations(store).items}
    assert found == {"wecom:m1", "g:m2"}, "the other client of the group keeps the messages"
    assert clients.get_client(store, "C1").tags == ()


def test_a_bare_client_gives_way_to_the_crm_row(store: Store) -> None:
    save_run(store, run("r1"), records(clients=[], advisors=[]))
    assert clients.load_clients(store) == ()
    assert clients.get_client(store, "C1").client.name is None
    save_run(store, run("r2"), records())
    assert clients.get_client(store, "C1").client == client()
    save_run(store, run("r3", as_of=START + timedelta(days=9)), records(clients=[]))
    assert clients.get_client(store, "C1").client == client(), "a run without CRM files forgets no CRM row"


def test_a_crash_leaves_nothing_half_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    save_run(store, run("r1"), records())
    before = everything(store)

    def crash(*_: Any, **__: Any) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(lead_rows, "contact_rows", crash)
    with pytest.raises(RuntimeError, match="power cut"):
        save_run(store, run("r2"), records(tags=[], leads=[lead(contacts=(contact("d3"),))]))
    assert everything(store) == before


def test_a_run_id_is_not_reused_for_other_content(store: Store) -> None:
    save_run(store, run("r1"), records())
    with pytest.raises(StoreError, match="r1 is on record with other content"):
        save_run(store, run("r1"), records(tags=[]))


def test_a_tag_without_its_conversation_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="belongs to the conversation d7"):
        save_run(store, run(), records(tags=[tag("d7")]))
    assert runs.last_run(store) is None


def test_tags_of_one_type_and_discriminator_are_told_apart(store: Store) -> None:
    two = [
        tag(key="idle_funds", value={"amount": [1.0, 1.0]}, quote="一", turns=(0,)),
        tag(key="idle_funds", value={"amount": [2.0, 2.0]}, quote="二", turns=(1,)),
    ]
    save_run(store, run(), records(tags=two))
    assert {t.quote for t in clients.get_client(store, "C1").tags} == {"一", "二"}


def test_a_zero_character_is_stored_on_both_engines_and_moves_no_offset(store: Store) -> None:
    save_run(store, run(), records(conversations=[conversation("d1", "我\0想"), conversation("d2")]))
    assert conversations.get_conversation(store, "d1").conversation.turns[0].text == "我\ufffd想"


def test_two_writers_of_one_client_lose_nothing(database_url: str) -> None:
    open_store(database_url).close()
    start, errors = threading.Barrier(4), []

    def work(n: int) -> None:
        try:
            with open_store(database_url) as mine:
                start.wait()
                for k in range(5):
                    name = f"d{n}-{k}"
                    found = RunRecords(
                        clients=[client(region=f"r{n}-{k}")],
                        conversations=[conversation(name)],
                        tags=[tag(name)],
                        leads=[lead(f"L{n}-{k}", conversation_id=name)],
                    )
                    save_run(mine, run(f"run{n}-{k}"), found)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with open_store(database_url) as store:
        found = runs.counts(store)
        assert (found.clients, found.conversations, found.tags, found.leads, found.runs) == (1, 20, 20, 20, 20)
        states = [state.value.region for state in clients.get_client(store, "C1").client_history]
        assert len(states) == 19 and len(set(states)) == 19, "each write is there, none overwrote another unseen"


def test_a_clock_that_goes_back_mixes_up_no_states(store: Store) -> None:
    save_run(store, run("r1"), records(), now=lambda: START + timedelta(days=30))
    save_run(store, run("r2"), records(tags=[]), now=lambda: START)
    (old,) = clients.get_client(store, "C1").tag_history
    assert old.until is not None and old.until > old.since
    last = runs.last_run(store)
    assert last is not None and last.facts.run_id == "r2"


def test_the_last_run_and_its_issues(store: Store) -> None:
    assert runs.last_run(store) is None
    save_run(store, run("r1"), records())
    last = runs.last_run(store)
    assert last is not None
    assert last.facts == run("r1")
    assert last.issues == 1
    assert runs.find_issues(store, "r1").items == tuple(records().issues)
    with pytest.raises(NotFoundError, match="no run r9"):
        runs.find_issues(store, "r9")
