"""The JSON API: what it answers, how it fails."""

from __future__ import annotations

import wave
from io import BytesIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sample_run import SAMPLE, sample_result

from huiyin.api.app import create_app
from huiyin.store.engine import Store

CALL = "K0303-01"


def test_health_tells_what_is_there(web: TestClient) -> None:
    answer = web.get("/api/v1/health").json()
    assert answer["status"] == "ok"
    assert answer["counts"]["clients"] == len(sample_result().dataset.clients)
    assert answer["last_run"]["facts"]["as_of"] == "2026-03-23T09:00:00+08:00"


def test_clients_come_a_page_at_a_time(web: TestClient) -> None:
    first = web.get("/api/v1/clients", params={"size": 5}).json()
    second = web.get("/api/v1/clients", params={"size": 5, "page": 2}).json()
    assert first["total"] == second["total"] > 10
    ids = [i["client"]["client_id"] for i in first["items"] + second["items"]]
    assert len(set(ids)) == 10


def test_clients_are_searched_by_post_so_that_no_name_is_in_a_url(web: TestClient) -> None:
    client = sample_result().dataset.clients[0]
    assert client.name
    found = web.post("/api/v1/clients/search", json={"q": client.name}).json()
    assert [i["client"]["client_id"] for i in found["items"]] == [client.client_id]
    assert "q" not in {
        p["name"] for p in web.get("/api/v1/openapi.json").json()["paths"]["/api/v1/clients"]["get"]["parameters"]
    }


def test_a_client_has_profile_tags_and_timeline(web: TestClient) -> None:
    answer = web.get("/api/v1/clients/C1001").json()
    assert answer["detail"]["client"]["client_id"] == "C1001"
    assert answer["detail"]["timeline"]
    assert answer["profile"]["as_of"].startswith("2026-03-23T09:00")
    earlier = web.get("/api/v1/clients/C1001", params={"as_of": "2026-03-01T09:00:00"}).json()
    assert earlier["profile"]["tags"] == []


def test_a_conversation_has_turns_and_tags_with_proof(web: TestClient) -> None:
    answer = web.get(f"/api/v1/conversations/{CALL}").json()
    turns = answer["conversation"]["turns"]
    for tag in answer["tags"]:
        for proof in tag["proof"]["evidence"]:
            assert turns[proof["turn"]]["text"][proof["start"] : proof["end"]] == proof["quote"]


def test_a_recording_answers_ranges(web: TestClient) -> None:
    whole = (SAMPLE / "recordings" / f"{CALL}.wav").read_bytes()
    part = web.get(f"/api/v1/recordings/{CALL}", headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == whole[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole)}"
    assert web.get(f"/api/v1/recordings/{CALL}").content == whole


def test_playback_is_pcm_that_a_browser_plays(web: TestClient) -> None:
    answer = web.get(f"/api/v1/playback/{CALL}")
    assert answer.headers["content-type"] == "audio/wav"
    with wave.open(BytesIO(answer.content)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (2, 2)
        assert 25 < sound.getnframes() / sound.getframerate() < 130


def test_leads_are_filtered_by_all_that_people_ask(web: TestClient) -> None:
    leads = sample_result().leads
    wanted = [x for x in leads if x.status == "missed"]
    found = web.get("/api/v1/leads", params={"status": "missed", "size": 500}).json()
    assert {i["lead"]["lead_id"] for i in found["items"]} == {x.lead_id for x in wanted} != set()
    advisor = leads[0].advisor_id
    both = web.get("/api/v1/leads", params={"advisor_id": advisor, "tag": leads[0].tag, "size": 500}).json()
    assert {i["lead"]["lead_id"] for i in both["items"]} == {
        x.lead_id for x in leads if (x.advisor_id, x.tag) == (advisor, leads[0].tag)
    }
    due = web.get("/api/v1/leads", params={"sort": "due", "descending": True, "size": 500}).json()["items"]
    times = [i["lead"]["due_at"] for i in due]
    assert times == sorted(times, reverse=True)


def test_one_lead_has_its_contacts_with_reasons(web: TestClient) -> None:
    lead = next(x for x in sample_result().leads if x.contacts)
    answer = web.get(f"/api/v1/leads/{lead.lead_id}").json()
    assert [c["id"] for c in answer["item"]["lead"]["contacts"]] == [c.id for c in lead.contacts]
    assert all(c["why"] for c in answer["item"]["lead"]["contacts"])


def test_every_figure_of_the_audit_opens_its_leads(web: TestClient) -> None:
    summary = web.get("/api/v1/audit").json()["summary"]
    known = {x.lead_id for x in sample_result().leads}
    assert set(summary["total"]["leads"]["lead_ids"]) == known
    for groups in summary["groups"].values():
        assert sum(g["leads"]["value"] for g in groups) == len(known)
        for group in groups:
            for name in ("missed", "late", "followed_up", "converted"):
                figure = group[name]
                assert figure["value"] == len(figure["lead_ids"])
                assert set(figure["lead_ids"]) <= known


@pytest.mark.parametrize(
    "path", ["/clients/nobody", "/conversations/none", "/leads/none", "/recordings/none", "/playback/none", "/nothing"]
)
def test_what_is_not_there_is_a_problem_document(web: TestClient, path: str) -> None:
    answer = web.get(f"/api/v1{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404
    assert answer.json()["instance"] == f"/api/v1{path}"
    assert set(answer.json()) == {"type", "title", "status", "detail", "instance"}


@pytest.mark.parametrize(
    ("path", "query", "named"),
    [
        ("/clients", {"page": 0}, "page"),
        ("/clients", {"size": 100000}, "size"),
        ("/leads", {"status": "lost"}, "status"),
        ("/leads", {"due_from": "gestern"}, "due_from"),
        ("/leads", {"sort": "luck"}, "sort"),
    ],
)
def test_a_wrong_request_says_which_part(web: TestClient, path: str, query: dict[str, str], named: str) -> None:
    answer = web.get(f"/api/v1{path}", params=query)
    assert answer.status_code == 422
    assert named in answer.json()["detail"]


def test_other_names_for_this_machine_are_refused(web: TestClient) -> None:
    assert web.get("/api/v1/health", headers={"Host": "evil.example"}).status_code == 400


def test_a_recording_outside_the_data_folder_is_not_served(sample_store: Store, tmp_path: Path) -> None:
    elsewhere = TestClient(create_app(sample_store, data_folder=tmp_path), base_url="http://127.0.0.1")
    answer = elsewhere.get(f"/api/v1/recordings/{CALL}")
    assert answer.status_code == 404
    assert "--data" in answer.json()["detail"]


def test_answers_are_typed_and_documented(web: TestClient) -> None:
    spec = web.get("/api/v1/openapi.json").json()
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), f"{method} {path} says nothing"


def test_a_voice_message_can_be_heard(web: TestClient) -> None:
    talk, turn = next((c, t) for c in sample_result().conversations for t in c.turns if t.media)
    answer = web.get(f"/api/v1/voice/{talk.conversation_id}", params={"turn": turn.turn})
    assert answer.status_code == 200
    with wave.open(BytesIO(answer.content)) as sound:
        assert 5 < sound.getnframes() / sound.getframerate() < 20
    assert "data-voice=" in web.get(f"/conversations/{talk.conversation_id}").text
    other = next(t for t in talk.turns if not t.media)
    assert web.get(f"/api/v1/voice/{talk.conversation_id}", params={"turn": other.turn}).status_code == 404
