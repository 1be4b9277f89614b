"""`--llm` on the command line: off by default, told plainly, never fatal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from llm_server import LlmServer, by_prompt, completion, status
from sample_run import AS_OF, copy_sample

QUOTE = "开两融要什么条件"
CONVERSATION = {
    "conversation_id": "c1", "channel": "phone", "client_id": "C1", "advisor_id": "A1",
    "started_at": "2026-03-12T10:05:00+08:00",
    "turns": [
        {"turn": 0, "speaker": "advisor", "start": 0.0, "end": 4.0, "text": "您看两融要不要开一个"},
        {"turn": 1, "speaker": "client", "start": 5.0, "end": 9.0, "text": f"行啊，{QUOTE}"},
    ],
}  # fmt: skip
TAGS = [
    {"tag": "permission_intent", "stance": "affirmed", "turn": 1, "quote": QUOTE, "support": [0],
     "certainty": "certain", "value": {"permission": "margin"}},
    {"tag": "do_not_contact", "stance": "affirmed", "turn": 1, "quote": "别打了", "support": [],
     "certainty": "certain", "value": {}},
]  # fmt: skip

GUARD = """
import sys
def guard(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
        sys.stderr.write(f"opened a connection: {event}\\n")
        sys.stderr.flush()
        import os
        os._exit(99)
sys.addaudithook(guard)
from huiyin.api.cli.main import main
main()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in.jsonl").write_text(json.dumps(CONVERSATION, ensure_ascii=False) + "\n", encoding="utf-8")
    return tmp_path


def huiyin(
    *arguments: object, cwd: Path, guarded: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The command as a person would run it; `guarded`, it dies with 99 on the first connection."""
    start = ["-c", GUARD] if guarded else ["-m", "huiyin.api.cli.main"]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HUIYIN_LLM")}
    return subprocess.run(
        [sys.executable, *start, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False,
        timeout=240, env={**clean, "HUIYIN_CACHE": str(cwd / "cache"), **environment},
    )  # fmt: skip


def tags_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(x) for x in path.read_text(encoding="utf-8").splitlines()]


def test_off_by_default_no_connection_is_opened(folder: Path) -> None:
    done = huiyin("tag", "in.jsonl", "--out", "out.jsonl", "--json", cwd=folder, guarded=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["llm"] is None
    assert "大模型" not in done.stderr
    assert tags_in(folder / "out.jsonl")[0]["proof"]["source"] == "rule"


def test_the_guard_of_the_test_above_sees_a_connection(folder: Path) -> None:
    with LlmServer(completion()) as server:
        done = huiyin(
            "tag", "in.jsonl", "--out", "o", "--llm", server.url, "--llm-model", "m", cwd=folder, guarded=True
        )
    assert done.returncode == 99
    assert server.requests == []


def test_a_run_off_by_default_opens_no_connection(tmp_path: Path) -> None:
    copy_sample(tmp_path / "data")
    done = huiyin("run", "data", "--as-of", AS_OF.isoformat(), "--json", cwd=tmp_path, guarded=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["llm"] is None


def test_it_says_where_the_words_go_what_it_cost_and_what_it_brought(folder: Path) -> None:
    with LlmServer(completion(tags=TAGS)) as server:
        done = huiyin("tag", "in.jsonl", "--out", "out.jsonl", "--llm", server.url, "--llm-model", "qwen", cwd=folder)
        assert done.returncode == 0, done.stderr
        again = huiyin(
            "tag", "in.jsonl", "--out", "again.jsonl", "--json", cwd=folder,
            HUIYIN_LLM_URL=server.url, HUIYIN_LLM_MODEL="qwen", HUIYIN_LLM_API_KEY="sk-secret",
        )  # fmt: skip
    assert f"对话原文会发送到 {server.url}（大模型 qwen）" in done.stderr
    assert "1,200 / 输出 40 tokens" in " ".join(done.stderr.split())
    assert "引文不在那一句里 1" in done.stderr
    log = next(json.loads(x) for x in done.stderr.splitlines() if x.startswith("{"))
    assert log["conversation_id"] == "c1"
    assert (log["tokens_in"], log["tokens_out"], log["tags"]) == (1200, 40, 1)
    assert QUOTE not in done.stderr
    told = json.loads(again.stdout)["llm"]
    assert (told["model"], told["cached"], told["tokens_in"]) == ("qwen", 1, 0)
    assert "sk-secret" not in again.stderr + again.stdout
    assert len(server.requests) == 1, "the second run asks nothing"
    assert (folder / "again.jsonl").read_bytes() == (folder / "out.jsonl").read_bytes()
    proof = tags_in(folder / "out.jsonl")[0]["proof"]
    assert proof["model_version"].split(", ")[-1] == "qwen"
    assert "llm_agrees" in {a["reason"] for a in proof["adjustments"]}


def test_a_server_that_fails_fails_no_run(tmp_path: Path) -> None:
    copy_sample(tmp_path / "data")
    with LlmServer(status(401)) as server:
        done = huiyin(
            "run", "data", "--as-of", AS_OF.isoformat(), "--llm", server.url, "--llm-model", "m", "--json", cwd=tmp_path
        )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["counts"]["tags"] > 0
    assert told["llm"]["failed"]["unauthorised"] >= 1
    assert told["llm"]["failed_conversations"] == told["llm"]["conversations"]


def test_given_tags_ask_nobody(tmp_path: Path) -> None:
    copy_sample(tmp_path / "data")
    (tmp_path / "tags.jsonl").write_text("", encoding="utf-8")
    with LlmServer(by_prompt(lambda _: [])) as server:
        done = huiyin(
            "run", "data", "--tags", "tags.jsonl", "--as-of", AS_OF.isoformat(), cwd=tmp_path,
            HUIYIN_LLM_URL=server.url, HUIYIN_LLM_MODEL="m",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert server.requests == []
    assert "大模型" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--llm", "http://h/v1"), "--llm-model"),
        (("--llm-model", "m"), "--llm"),
        (("--llm", "h:8000", "--llm-model", "m"), "http://"),
        (("--llm", "http://u:secret@h/v1", "--llm-model", "m"), "HUIYIN_LLM_API_KEY"),
    ],
)
def test_half_a_setting_is_told(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    done = huiyin("tag", "in.jsonl", "--out", "out.jsonl", *arguments, cwd=folder)
    assert done.returncode == 3
    assert told in done.stderr
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr


def large_check(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return next(c for c in json.loads(done.stdout) if c["name"] == "large model")


def test_doctor_says_whether_it_is_set_and_answers(folder: Path) -> None:
    off = large_check(huiyin("doctor", "--json", cwd=folder, guarded=True))
    assert off["ok"]
    assert off["found"].startswith("off")
    with LlmServer(completion()) as server:
        well = large_check(huiyin("doctor", "--json", "--llm", server.url, "--llm-model", "m", cwd=folder))
        assert well["ok"]
        assert "json_schema" in well["found"]
    gone = large_check(huiyin("doctor", "--json", "--llm", server.url, "--llm-model", "m", cwd=folder))
    assert not gone["ok"]
    assert "127.0.0.1" in gone["found"]
