"""Lists: filters, orders, pages, a fixed number of statements; unknown ids."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as listen
from store_records import START, advisor, client, contact, conversation, event, lead, run, tag

from huiyin.domain.errors import InputError, NotFoundError
from huiyin.store.engine import Store, open_store
from huiyin.store.queries import clients, conversations, leads, runs
from huiyin.store.save import RunRecords, save_run

DAY = timedelta(days=1)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One for all tests here, which only read; on each engine."""
    if request.param == "sqlite":
        url = str(tmp_path_factory.mktemp("filled") / "huiyin.db")
    else:
        url = request.getfixturevalue("postgres").create_database()
    with open_store(url) as store:
        fill(store)
        yield store


def fill(store: Store) -> None:
    """Three advisors in two teams; C1 (A1) has two leads, C2 (A2) one, C3 (A3) none and no advisor row."""
    margin = {"permission": "margin"}
    save_run(
        store,
        run(),
        RunRecords(
            clients=[
                client("C1", phone="13800001234", total_assets=10.0),
                client("C2", advisor_id="A2", name="100%_李", phone="13900005678", total_assets=20.0),
                client("C3", advisor_id="A3", name=None, branch="静安"),
            ],
            advisors=[advisor(), advisor("A2", team="二组", branch="浦东", name="小赵")],
            events=[event("E1"), event("E2", at=START + DAY)],
            conversations=[
                conversation("d1"),
                conversation("d2", started_at=START + DAY, channel="wecom", medium="chat"),
                conversation("d3", client_id="C2", advisor_id="A2", started_at=START + 2 * DAY),
                conversation("d4", client_id="C2", advisor_id="A2", started_at=START + 3 * DAY, duration_s=9.0),
            ],
            tags=[
                tag("d1", value=margin),
                tag("d3", client_id="C2", advisor_id="A2", value=margin, said_at=START + 2 * DAY),
                tag("d4", client_id="C2", value=margin, stance="negated", said_at=START + 3 * DAY),
                tag("d4", "complaint", client_id="C2", value={"topic": "app"}, said_at=START + 3 * DAY),
            ],
            leads=[
                lead("L1", status="followed_up", contacts=(contact(),), response_minutes=90.0),
                lead("L2", tag="idle_funds", value={"amount": [1.0, 2.0]}, status="missed", due_at=START + DAY,
                     opened_at=START - 7 * DAY),
                lead("L3", client_id="C2", advisor_id="A2", conversation_id="d3", status="late", outcome="declined",
                     response_minutes=5000.0, opened_at=START + DAY, due_at=START + 9 * DAY,
                     contacts=(contact("d4"),)),
            ],
        ),
    )  # fmt: skip


def found_leads(store: Store, **filters: Any) -> list[str]:
    return [item.lead.lead_id for item in leads.find_leads(store, **filters).items]


def found_clients(store: Store, **filters: Any) -> list[str]:
    return [item.client.client_id for item in clients.find_clients(store, **filters).items]


def found_talks(store: Store, **filters: Any) -> list[str]:
    return [item.conversation.conversation_id for item in conversations.find_conversations(store, **filters).items]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["L2", "L1", "L3"]),
        ({"advisor_id": "A2"}, ["L3"]),
        ({"team": "一组"}, ["L2", "L1"]),
        ({"team": ""}, []),
        ({"branch": "浦东"}, ["L3"]),
        ({"branch": "静安"}, []),
        ({"status": ["missed"]}, ["L2"]),
        ({"status": ["missed", "late"]}, ["L2", "L3"]),
        ({"status": ["pending"]}, []),
        ({"outcome": ["declined"]}, ["L3"]),
        ({"tag": "permission_intent"}, ["L1", "L3"]),
        ({"discriminator": "margin"}, ["L1", "L3"]),
        ({"tag": "permission_intent", "discriminator": "options"}, []),
        ({"kind": "opportunity"}, ["L2", "L1", "L3"]),
        ({"kind": "retention"}, []),
        ({"client_id": "C2"}, ["L3"]),
        ({"q": "1234"}, ["L2", "L1"]),
        ({"week": "2026-W11"}, ["L1", "L3"]),
        ({"week": "2026-W10"}, ["L2"]),
        ({"due_from": START + DAY, "due_to": START + 9 * DAY}, ["L2", "L1"]),
        ({"due_to": START + DAY}, []),
        ({"lead_ids": ["L1", "L9"]}, ["L1"]),
        ({"lead_ids": []}, []),
        ({"sort": "opened"}, ["L2", "L1", "L3"]),
        ({"sort": "opened", "descending": True}, ["L3", "L1", "L2"]),
        ({"sort": "response"}, ["L1", "L3", "L2"]),
        ({"sort": "response", "descending": True}, ["L3", "L1", "L2"]),
        ({"sort": "client", "descending": True}, ["L3", "L1", "L2"]),
    ],
)
def test_leads_are_filtered_and_sorted(filled: Store, filters: dict[str, Any], expected: list[str]) -> None:
    assert found_leads(filled, **filters) == expected
    assert leads.find_leads(filled, **filters).total == len(expected)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["C1", "C2", "C3"]),
        ({"q": "c2"}, ["C2"]),
        ({"q": "王"}, ["C1"]),
        ({"q": "5678"}, ["C2"]),
        ({"q": "1390"}, []),  # the beginning of a number is no suffix
        ({"q": "%"}, ["C2"]),
        ({"q": "_"}, ["C2"]),
        ({"q": "' OR 1=1 --"}, []),
        ({"advisor_id": "A3"}, ["C3"]),
        ({"team": "二组"}, ["C2"]),
        ({"team": ""}, ["C3"]),
        ({"branch": "静安"}, ["C3"]),
        ({"branch": "徐家汇"}, ["C1"]),
        ({"tag": "permission_intent"}, ["C1"]),  # C2 took it back
        ({"tag": "complaint", "discriminator": "app"}, ["C2"]),
        ({"tag": "complaint", "discriminator": "loss"}, []),
        ({"sort": "assets", "descending": True}, ["C2", "C1", "C3"]),
        ({"sort": "last_conversation"}, ["C1", "C2", "C3"]),
        ({"sort": "last_conversation", "descending": True}, ["C2", "C1", "C3"]),
        ({"sort": "open_leads", "descending": True}, ["C1", "C2", "C3"]),
    ],
)
def test_clients_are_filtered_and_sorted(filled: Store, filters: dict[str, Any], expected: list[str]) -> None:
    assert found_clients(filled, **filters) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["d4", "d3", "d2", "d1"]),
        ({"descending": False}, ["d1", "d2", "d3", "d4"]),
        ({"client_id": "C1"}, ["d2", "d1"]),
        ({"channel": "wecom"}, ["d2"]),
        ({"tag": "permission_intent", "discriminator": "margin"}, ["d4", "d3", "d1"]),
        ({"tag": "family"}, []),
        ({"since": START + DAY, "until": START + 2 * DAY}, ["d2"]),
        ({"team": "二组"}, ["d4", "d3"]),
        ({"q": "1234"}, ["d2", "d1"]),
        ({"transcript_state": "failed"}, []),
        ({"sort": "duration"}, ["d4", "d1", "d2", "d3"]),
    ],
)
def test_conversations_are_filtered_and_sorted(filled: Store, filters: dict[str, Any], expected: list[str]) -> None:
    assert found_talks(filled, **filters) == expected


def test_items_carry_what_a_list_shows(filled: Store) -> None:
    one, two, three = clients.find_clients(filled).items
    assert (one.conversations, one.open_leads, one.last_conversation_at) == (2, 2, START + DAY)
    assert (two.advisor_name, two.team, two.branch, two.open_leads) == ("小赵", "二组", "浦东", 0)
    assert (three.conversations, three.last_conversation_at, three.branch) == (0, None, "静安")
    talk = next(i for i in conversations.find_conversations(filled).items if i.conversation.conversation_id == "d4")
    assert talk.tags == (("complaint", "app", "affirmed"), ("permission_intent", "margin", "negated"))
    assert talk.conversation.turns == () and talk.turn_count == 2
    item = leads.find_leads(filled, advisor_id="A2").items[0]
    assert (item.client_name, item.advisor_name, item.team, item.branch) == ("100%_李", "小赵", "二组", "浦东")
    assert [c.id for c in item.lead.contacts] == ["d4"]


def test_pages_cover_everything_once(filled: Store) -> None:
    pages = [leads.find_leads(filled, page=n, size=2) for n in (1, 2, 3)]
    assert [len(p.items) for p in pages] == [2, 1, 0]
    assert [i.lead.lead_id for p in pages for i in p.items] == ["L2", "L1", "L3"]
    assert {(p.total, p.pages) for p in pages} == {(3, 2)}


@pytest.mark.parametrize(("page", "size"), [(0, 10), (-1, 10), (1, 0), (1, 501)])
def test_a_page_that_cannot_be_is_refused(filled: Store, page: int, size: int) -> None:
    with pytest.raises(InputError, match=r"page is|size is"):
        clients.find_clients(filled, page=page, size=size)


def test_an_unknown_order_is_refused_with_the_known_ones(filled: Store) -> None:
    with pytest.raises(InputError, match=r"'phone'.*client_id, name"):
        clients.find_clients(filled, sort="phone")


def test_unknown_ids_are_told(filled: Store) -> None:
    with pytest.raises(NotFoundError, match="no client C9"):
        clients.get_client(filled, "C9")
    with pytest.raises(NotFoundError, match="no conversation d9"):
        conversations.get_conversation(filled, "d9")
    with pytest.raises(NotFoundError, match="no lead L9"):
        leads.get_lead(filled, "L9")
    with pytest.raises(NotFoundError, match="no conversation d9"):
        conversations.get_recording(filled, "d9")
    with pytest.raises(NotFoundError, match="d1 has no recording"):
        conversations.get_recording(filled, "d1")


def test_a_client_shows_everything_in_one_timeline(filled: Store) -> None:
    detail = clients.get_client(filled, "C1")
    assert [(e.kind, e.ref) for e in detail.timeline] == [
        ("event", "E2"),
        ("conversation", "d2"),
        ("lead", "L1"),
        ("event", "E1"),
        ("conversation", "d1"),
        ("lead", "L2"),
    ]
    assert detail.advisor == advisor()
    assert [i.lead.lead_id for i in detail.leads] == ["L2", "L1"]


def test_what_the_figures_and_the_stages_need_is_loaded_whole(filled: Store) -> None:
    assert [one.lead_id for one in leads.load_leads(filled)] == ["L2", "L1", "L3"]
    assert [one.lead_id for one in leads.load_leads(filled, client_ids=["C2", "C9"])] == ["L3"]
    assert leads.load_leads(filled, client_ids=[]) == ()
    assert [a.advisor_id for a in clients.load_advisors(filled)] == ["A1", "A2", "A3"]
    assert [c.client_id for c in clients.load_clients(filled, client_ids=["C3"])] == ["C3"]
    assert [e.event_id for e in clients.load_events(filled, client_ids=["C1"])] == ["E1", "E2"]
    talks = conversations.load_conversations(filled, client_ids=["C2"])
    assert [(t.conversation_id, len(t.turns)) for t in talks] == [("d3", 2), ("d4", 2)]


def test_counts(filled: Store) -> None:
    found = runs.counts(filled)
    assert (found.clients, found.advisors, found.conversations, found.tags, found.leads) == (3, 3, 4, 4, 3)


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            said.append(statement)

    listen.listen(store.engine, "before_cursor_execute", note)
    yield said
    listen.remove(store.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("find", [clients.find_clients, conversations.find_conversations, leads.find_leads])
def test_a_list_asks_the_same_number_of_statements_however_long(filled: Store, find: Any) -> None:
    with statements(filled) as short:
        find(filled, size=1)
    with statements(filled) as long:
        find(filled, size=50)
    assert len(short) == len(long) <= 4
