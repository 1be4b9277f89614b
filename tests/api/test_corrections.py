"""What people judge of tags: on the page and by file, with the last word on the next run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sample_run import SAMPLE, sample_result
from test_cli import CONVERSATION, huiyin, write_lines

from huiyin.api.app import create_app
from huiyin.api.cli.run_cmd import facts_of, records_of
from huiyin.store.engine import Store, open_store
from huiyin.store.save import save_run

OWN = {"Origin": "http://127.0.0.1"}
CALL = "K0303-01"


@pytest.fixture
def own_store(tmp_path: Path) -> Iterator[Store]:
    """The sample in a database that the test may change."""
    result = sample_result()
    with open_store(f"sqlite:///{tmp_path}/own.db") as store:
        save_run(store, facts_of(result, datetime(2026, 3, 23, tzinfo=UTC), SAMPLE), records_of(result))
        yield store


@pytest.fixture
def pages(own_store: Store) -> TestClient:
    app = create_app(own_store, data_folder=SAMPLE, operator="审核员")
    return TestClient(app, base_url="http://127.0.0.1")


def first_token(html: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', html)
    assert found
    return found[1]


def test_a_judgement_is_kept_and_shown(pages: TestClient) -> None:
    page = pages.get(f"/conversations/{CALL}").text
    form = {"conversation_id": CALL, "token": first_token(page), "verdict": "wrong"}
    answer = pages.post("/judgements", data=form, headers=OWN)
    assert answer.status_code == 200
    assert "审核员" in answer.text
    assert "撤销" in answer.text


def test_another_site_cannot_judge(pages: TestClient) -> None:
    page = pages.get(f"/conversations/{CALL}").text
    form = {"conversation_id": CALL, "token": first_token(page), "verdict": "wrong"}
    assert pages.post("/judgements", data=form, headers={"Origin": "http://evil.example"}).status_code == 403
    assert pages.post("/judgements", data=form).status_code == 403
    assert "审核员" not in pages.get(f"/conversations/{CALL}").text


def test_a_tag_that_changed_since_is_not_judged(pages: TestClient) -> None:
    form = {"conversation_id": CALL, "token": "0000000000000000", "verdict": "wrong"}
    answer = pages.post("/judgements", data=form, headers=OWN)
    assert answer.status_code == 404
    assert "刷新" in answer.text


def test_review_by_file_has_the_last_word(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write_lines(data / "transcripts.jsonl", CONVERSATION)
    run = ("run", data, "--as-of", "2026-03-23", "--json")
    before = json.loads(huiyin(*run, cwd=tmp_path).stdout)
    assert before["counts"]["tags"] >= 1

    out = huiyin("review", "export", "--out", "review.jsonl", "--below", "1.0", "--json", cwd=tmp_path)
    assert out.returncode == 0, out.stderr
    lines = [json.loads(x) for x in (tmp_path / "review.jsonl").read_text(encoding="utf-8").splitlines()]
    judged = [{**line, "verdict": "错"} for line in lines]
    write_lines(tmp_path / "review.jsonl", *judged)
    first = json.loads(huiyin("review", "import", "review.jsonl", "--json", cwd=tmp_path).stdout)
    again = json.loads(huiyin("review", "import", "review.jsonl", "--json", cwd=tmp_path).stdout)
    assert first["added"] == len(lines) > 0
    assert (again["added"], again["changed"], again["known"]) == (0, 0, len(lines))

    after = json.loads(huiyin(*run, cwd=tmp_path).stdout)
    assert after["counts"]["tags"] == before["counts"]["tags"] - len(lines)


def test_retag_under_the_same_lexicon_changes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write_lines(data / "transcripts.jsonl", CONVERSATION)
    assert huiyin("run", data, "--as-of", "2026-03-23", "--json", cwd=tmp_path).returncode == 0
    done = huiyin("retag", "--diff", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert (shown["tags"], shown["leads"], shown["rescored"]) == ([], [], 0)
    assert shown["same"] >= 1


def test_eval_scores_a_labelled_file(tmp_path: Path) -> None:
    labelled = {
        **CONVERSATION,
        "tags": [
            {"tag": "permission_intent", "stance": "affirmed", "value": {"permission": "margin"}, "turns": [1],
             "quote": "开两融要什么条件"},
        ],
    }  # fmt: skip
    write_lines(tmp_path / "l.jsonl", labelled)
    done = huiyin("eval", "l.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "permission_intent" in done.stdout
