"""The pages: they render, link to each other, and never trust what clients said."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sample_run import sample_result
from store_records import START, client, run

from huiyin.api.app import create_app
from huiyin.domain.conversation import Channel, Conversation, Speaker, Turn
from huiyin.store.engine import open_store
from huiyin.store.save import RunRecords, save_run


def links(html: str) -> list[str]:
    return [unescape(x) for x in re.findall(r'href="([^"]+)"', html)]


@pytest.mark.parametrize(
    "path", ["/", "/leads", "/clients", "/conversations", "/clients/C1001", "/conversations/K0303-01"]
)
def test_pages_render(web: TestClient, path: str) -> None:
    answer = web.get(path)
    assert answer.status_code == 200
    assert "回音" in answer.text


def test_every_client_lead_and_conversation_has_a_page(web: TestClient) -> None:
    result = sample_result()
    for c in result.dataset.clients:
        assert web.get(f"/clients/{c.client_id}").status_code == 200
    for lead in result.leads:
        assert web.get(f"/leads/{lead.lead_id}").status_code == 200
    for talk in result.conversations:
        assert web.get(f"/conversations/{talk.conversation_id}").status_code == 200


def test_from_a_figure_to_the_seconds_of_audio_in_three_clicks(web: TestClient) -> None:
    figure = next(x for x in links(web.get("/").text) if x.startswith("/leads?") and "status=followed_up" in x)
    reached = set()
    for lead in [x for x in links(web.get(figure).text) if x.startswith("/leads/")]:
        reached |= {x for x in links(web.get(lead).text) if x.startswith("/conversations/") and "?t=" in x}
    assert reached
    page = web.get(sorted(reached)[0]).text
    assert "<audio" in page
    assert 'data-start="' in page


def test_figures_link_to_as_many_leads_as_they_say(web: TestClient) -> None:
    html = web.get("/").text
    cards = re.findall(r'<a class="figure[^"]*" href="([^"]+)"><b>(\d+)</b><span>([^<]+)</span>', html)
    counted = {label: (unescape(address), int(value)) for address, value, label in cards}
    for label in ("线索", "漏跟进", "未联系上", "未谈及", "跟进超时", "无法核实", "待跟进", "已转化"):
        address, value = counted[label]
        assert f"共 {value} 条" in web.get(address).text, label


def test_charts_have_links_to_leads(web: TestClient) -> None:
    svg = web.get("/").text.split("<svg", 1)[1]
    assert "/leads?advisor_id=" in svg


def test_tagged_words_are_marked(web: TestClient) -> None:
    tag = next(t for t in sample_result().tags if t.conversation_id == "K0303-01")
    assert f">{tag.quote}</mark>" in web.get("/conversations/K0303-01").text


def test_search_by_name_is_a_post(web: TestClient) -> None:
    someone = sample_result().dataset.clients[0]
    answer = web.post("/clients", data={"q": someone.name or ""})
    assert f"/clients/{someone.client_id}" in answer.text
    assert 'method="post"' in answer.text


def test_unknown_things_have_a_page_that_says_so(web: TestClient) -> None:
    answer = web.get("/clients/nobody")
    assert answer.status_code == 404
    assert "没有找到" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


def test_an_empty_database_says_what_to_do(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/empty.db") as empty:
        page = TestClient(create_app(empty, data_folder=tmp_path), base_url="http://127.0.0.1").get("/")
    assert page.status_code == 200
    assert "huiyin run" in page.text


def test_what_clients_write_is_escaped(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    talk = Conversation(
        conversation_id="x1", channel=Channel.WECOM, medium="chat", client_id="C1", advisor_id="A1", started_at=START,
        turns=(Turn(turn=0, speaker=Speaker.CLIENT, start=0.0, text=evil),),
    )  # fmt: skip
    with open_store(f"sqlite:///{tmp_path}/x.db") as store:
        save_run(store, run(), RunRecords(conversations=[talk], clients=[client(name=evil)]))
        web = TestClient(create_app(store, data_folder=tmp_path), base_url="http://127.0.0.1")
        for path in ("/conversations/x1", "/clients/C1", "/clients", "/conversations"):
            assert evil not in web.get(path).text
        assert "&lt;script&gt;" in web.get("/conversations/x1").text


def test_pages_load_nothing_from_elsewhere(web: TestClient) -> None:
    for path in ("/", "/leads", "/clients/C1001", "/conversations/K0303-01"):
        page = web.get(path)
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)
        assert "default-src 'self'" in page.headers["content-security-policy"]
