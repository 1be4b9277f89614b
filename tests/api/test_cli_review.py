"""`huiyin review labels`, bad review lines, and `huiyin retag` from what is shown to what is saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from store_records import START, advisor, client, conversation, run, tag
from test_cli import huiyin, write_lines

from huiyin.domain.correction import Verdict, judge
from huiyin.store.corrections import Judged, save_corrections
from huiyin.store.engine import open_store
from huiyin.store.queries.clients import get_client
from huiyin.store.queries.conversations import load_tags
from huiyin.store.queries.leads import load_leads
from huiyin.store.queries.runs import last_run
from huiyin.store.save import RunRecords, save_run

TALK = conversation("d1", "你好，我想开两融，要什么条件", "两年经验，五十万资产")
STALE = tag(key="family", value={"topic": "health"}, quote="我想开两融", confidence=0.6)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database in which an older lexicon found what today's does not, and missed what today's finds."""
    at = f"sqlite:///{tmp_path}/huiyin.db"
    with open_store(at) as store:
        records = RunRecords(conversations=[TALK], clients=[client()], advisors=[advisor()], tags=[STALE])
        save_run(store, run(policy=None), records)
    return at


def changes(shown: dict[str, Any]) -> set[tuple[str, str]]:
    return {(c["change"], c["tag"]) for c in shown["tags"]}


def test_retag_shows_first_and_saves_when_told(url: str, tmp_path: Path) -> None:
    shown = json.loads(huiyin("retag", "--diff", "--json", cwd=tmp_path).stdout)
    assert ("removed", "family") in changes(shown)
    assert ("added", "permission_intent") in changes(shown)
    assert [(c["change"], c["tag"]) for c in shown["leads"]] == [("added", "permission_intent")]
    assert shown["applied"] is False
    with open_store(url) as store:
        assert load_tags(store) == (STALE,)

    table = huiyin("retag", cwd=tmp_path)
    assert table.returncode == 0, table.stderr
    assert "标签的变化" in table.stdout and "线索的变化" in table.stdout
    assert "什么都没有写入" in table.stderr

    applied = json.loads(huiyin("retag", "--apply", "--json", cwd=tmp_path).stdout)
    assert applied["applied"] is True and applied["unchanged"] is False
    with open_store(url) as store:
        assert {t.tag for t in load_tags(store)} >= {"permission_intent"}
        assert STALE not in load_tags(store)
        assert [s.value for s in get_client(store, "C1").tag_history] == [STALE]
        assert [lead.tag for lead in load_leads(store)] == ["permission_intent"]
        last = last_run(store)
        assert last is not None
        assert (last.facts.run_id, last.facts.as_of) == (applied["run_id"], run().as_of)
        assert last.facts.lexicon_version == applied["lexicon_version"]

    again = json.loads(huiyin("retag", "--apply", "--json", cwd=tmp_path).stdout)
    assert (again["unchanged"], again["tags"], again["leads"]) == (True, [], [])


def test_retag_keeps_what_people_said(url: str, tmp_path: Path) -> None:
    with open_store(url) as store:
        save_corrections(store, [Judged(correction=judge(STALE, Verdict.RIGHT, at=START))])
    shown = json.loads(huiyin("retag", "--json", cwd=tmp_path).stdout)
    assert ("removed", "family") not in changes(shown)


def test_retag_of_an_empty_database_says_what_to_do(tmp_path: Path) -> None:
    done = huiyin("retag", cwd=tmp_path)
    assert done.returncode == 7
    assert "no run yet" in done.stderr


def test_bad_lines_are_told_and_the_others_go_in(url: str, tmp_path: Path) -> None:
    assert huiyin("review", "export", "--out", "r.jsonl", cwd=tmp_path).returncode == 0
    line = json.loads((tmp_path / "r.jsonl").read_text(encoding="utf-8"))
    write_lines(tmp_path / "r.jsonl", {**line, "verdict": "什么"}, {**line, "verdict": "对"})
    done = huiyin("review", "import", "r.jsonl", "--by", "王", cwd=tmp_path)
    assert done.returncode == 4
    assert "r.jsonl:1: verdict" in done.stderr
    assert "新判断 1" in done.stderr


def test_judged_conversations_become_labelled_data_that_eval_reads(url: str, tmp_path: Path) -> None:
    assert (
        json.loads(huiyin("review", "labels", "--out", "l.jsonl", "--json", cwd=tmp_path).stdout)["conversations"] == 0
    )
    with open_store(url) as store:
        wrong = judge(STALE, Verdict.WRONG, at=START)
        save_corrections(store, [Judged(correction=wrong)])
    done = json.loads(huiyin("review", "labels", "--out", "l.jsonl", "--json", cwd=tmp_path).stdout)
    assert (done["conversations"], done["tags"], done["left_out"]) == (1, 0, 0)
    scores = json.loads(huiyin("eval", "l.jsonl", "--json", cwd=tmp_path).stdout)
    assert scores["types"]["family"]["predicted"] == 0
    assert scores["micro"]["labelled"] == 0
    assert scores["conversations"] == 1


def test_eval_of_a_bad_file_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "l.jsonl").write_text("{}\n", encoding="utf-8")
    done = huiyin("eval", "l.jsonl", cwd=tmp_path)
    assert done.returncode == 3
    assert "l.jsonl:1" in done.stderr
