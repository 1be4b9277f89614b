"""The forms on the conversation page: change, add what is missing, take back; plain posts from the page itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from store_records import advisor, client, conversation, run, tag

from huiyin.api.app import create_app
from huiyin.api.pages.judgements import token_of
from huiyin.api.pages.value_form import fields_of, value_from
from huiyin.domain.correction import Verdict
from huiyin.domain.errors import InputError
from huiyin.domain.tag import Stance, Tag
from huiyin.domain.tags import TAG_TYPES
from huiyin.store.engine import Store, open_store
from huiyin.store.queries.corrections import load_corrections
from huiyin.store.save import RunRecords, save_run

OWN = {"Origin": "http://127.0.0.1"}
NAME = "wecom:10/1 号"
MARGIN = tag(NAME)
FUNDS = tag(NAME, "idle_funds", value={"amount": [300000.0, 300000.0], "available_from": None}, quote="开两融")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/j.db") as opened:
        records = RunRecords(
            conversations=[conversation(NAME)], clients=[client()], advisors=[advisor()], tags=[MARGIN, FUNDS]
        )
        save_run(opened, run(), records)
        yield opened


@pytest.fixture
def web(store: Store, tmp_path: Path) -> TestClient:
    app = create_app(store, data_folder=tmp_path, operator="审核员")
    return TestClient(app, base_url="http://127.0.0.1")


def post(web: TestClient, on: Tag, verdict: str, **fields: Any) -> Any:
    form = {"conversation_id": NAME, "token": token_of(on), "verdict": verdict, **fields}
    return web.post("/judgements", data=form, headers=OWN)


def page(web: TestClient) -> str:
    return web.get("/conversations/wecom%3A10%2F1%20%E5%8F%B7").text


def test_the_page_offers_the_choices_of_each_type(web: TestClient) -> None:
    html = page(web)
    assert html.count(">对</button>") == html.count(">错</button>") == 2
    assert '<option value="margin" selected>融资融券</option>' in html
    assert '<option value="options">期权</option>' in html
    assert 'name="amount_start" value="300000.0"' in html
    assert "<script" not in html


def test_a_change_keeps_what_was_not_named(web: TestClient, store: Store) -> None:
    answer = post(web, FUNDS, "changed", stance="affirmed", amount_start="500000", amount_end="")
    assert answer.status_code == 200
    assert "已判：改" in answer.text
    (said,) = load_corrections(store)
    assert said.new_value == {"amount": [500000.0, 500000.0], "available_from": None}
    assert (said.by, said.verdict, said.right_stance) == ("审核员", Verdict.CHANGED, Stance.AFFIRMED)


def test_a_change_of_stance_and_thing(web: TestClient, store: Store) -> None:
    post(web, MARGIN, "changed", stance="negated", permission="options", note="  看错了")
    (said,) = load_corrections(store)
    assert (said.right_stance, said.right_value) == (Stance.NEGATED, {"permission": "options"})


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"verdict": "changed", "stance": "affirmed", "permission": "margin"}, 422),
        ({"verdict": "changed", "stance": "maybe", "permission": "options"}, 422),
        ({"verdict": "changed", "permission": "moon"}, 422),
        ({"verdict": "missing"}, 422),
        ({"verdict": "right", "conversation_id": "nowhere"}, 404),
    ],
)
def test_what_makes_no_sense_is_told_and_not_kept(
    web: TestClient, store: Store, fields: dict[str, str], status: int
) -> None:
    form = {"conversation_id": NAME, "token": token_of(MARGIN), **fields}
    answer = web.post("/judgements", data=form, headers=OWN)
    assert answer.status_code == status
    assert "回音" in answer.text
    assert load_corrections(store) == ()


def test_a_missing_tag_is_added_with_the_words_that_prove_it(web: TestClient, store: Store) -> None:
    form = {"conversation_id": NAME, "what": "product_preference:gold", "stance": "negated", "turn": "0", "quote": ""}
    assert web.post("/judgements/missing", data=form, headers=OWN).status_code == 200
    (said,) = load_corrections(store)
    assert (said.verdict, said.value, said.stance) == (Verdict.MISSING, {"product": "gold"}, Stance.NEGATED)
    assert (said.turns, said.quote) == ((0,), "我想开两融")
    assert "已判：漏" in page(web)


@pytest.mark.parametrize(
    "wrong", [{"what": "hobby"}, {"what": "family:moon"}, {"turn": "9"}, {"quote": "没有说过"}, {"amount_start": "多"}]
)
def test_a_missing_tag_without_proof_or_sense_is_refused(web: TestClient, store: Store, wrong: dict[str, str]) -> None:
    good = {"conversation_id": NAME, "what": "idle_funds", "stance": "affirmed", "turn": "0", "quote": ""}
    assert web.post("/judgements/missing", data={**good, **wrong}, headers=OWN).status_code == 422
    assert load_corrections(store) == ()


def test_a_judgement_can_be_taken_back(web: TestClient, store: Store) -> None:
    html = post(web, MARGIN, "wrong").text
    (said,) = load_corrections(store)
    fields = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html.split("/judgements/withdraw")[1])
    )
    answer = web.post("/judgements/withdraw", data={**said.fact._asdict(), **fields}, headers=OWN)
    assert answer.status_code == 200
    assert load_corrections(store) == ()
    assert web.post("/judgements/withdraw", data=said.fact._asdict(), headers=OWN).status_code == 404


@pytest.mark.parametrize("path", ["/judgements", "/judgements/missing", "/judgements/withdraw"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:3000"},
        {"Origin": "https://127.0.0.1"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_only_the_page_itself_may_post(web: TestClient, store: Store, path: str, headers: dict[str, str]) -> None:
    form = {"conversation_id": NAME, "token": token_of(MARGIN), "verdict": "wrong"}
    assert web.post(path, data=form, headers=headers).status_code == 403
    assert load_corrections(store) == ()


def test_a_strange_host_is_refused_though_its_origin_agrees(web: TestClient) -> None:
    form = {"conversation_id": NAME, "token": token_of(MARGIN), "verdict": "wrong"}
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    assert web.post("/judgements", data=form, headers=headers).status_code == 400


VALUES: list[tuple[str, dict[str, Any]]] = [
    ("contact_time", {"kind": "callback", "window": ["2026-03-13T15:00", None]}),
    ("contact_time", {"kind": "avoid", "days": ["mon", "tue"], "from": "09:00", "to": None}),
    ("contact_time", {"kind": "callback", "window": [None, None]}),
    ("idle_funds", {"amount": [1.0, 2.0], "available_from": ["2026-04-01", "2026-04-10"]}),
    ("external_assets", {"institution": "招商银行", "institution_type": "bank", "product": "存单", "matures_on": None}),
    ("advisor_commitment", {"action": "call_back", "due": None}),
    ("do_not_contact", {}),
    ("family", {"topic": "health"}),
]


@pytest.mark.parametrize(("key", "value"), VALUES)
def test_a_form_sent_back_as_it_was_changes_nothing(key: str, value: dict[str, Any]) -> None:
    whole = TAG_TYPES[key].normalise(value)
    form: dict[str, list[str]] = {}
    for field in fields_of(key, whole):
        if field.kind == "span":
            for side, text in zip(("start", "end"), field.value, strict=True):
                form[f"{field.name}_{side}"] = [str(text) if text is not None else ""]
        elif field.kind == "checks":
            form[field.name] = ["", *field.value]
        else:
            form[field.name] = [field.value or ""]
    assert value_from(key, whole, form) == whole


def test_another_kind_of_time_takes_its_own_fields() -> None:
    old = {"kind": "callback", "window": ["2026-03-13T15:00", None]}
    form = {"kind": ["preferred"], "days": ["", "wed"], "from": ["15:00"], "to": [""]}
    assert value_from("contact_time", old, form) == {"kind": "preferred", "days": ["wed"], "from": "15:00", "to": None}


def test_sums_and_dates_that_are_none_are_told() -> None:
    with pytest.raises(InputError):
        value_from("idle_funds", {}, {"amount_start": ["三十万"]})
    with pytest.raises(InputError):
        value_from("idle_funds", {}, {"amount_start": ["5"], "amount_end": ["3"]})
    with pytest.raises(InputError):
        value_from("idle_funds", {}, {"available_from_start": ["2026-13-01"]})
