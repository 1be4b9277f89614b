"""The command line: what it does, says, and ends in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sample_run import AS_OF, SAMPLE, copy_sample, sample_result

CONVERSATION = {
    "conversation_id": "c1", "channel": "phone", "client_id": "C1", "advisor_id": "A1",
    "started_at": "2026-03-12T10:05:00+08:00",
    "turns": [
        {"turn": 0, "speaker": "advisor", "start": 0.0, "end": 4.0, "text": "您看两融要不要开一个"},
        {"turn": 1, "speaker": "client", "start": 5.0, "end": 9.0, "text": "行啊，开两融要什么条件"},
    ],
}  # fmt: skip


def huiyin(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs the command as a person would."""
    command = [sys.executable, "-m", "huiyin.api.cli.main", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=240)


def write_lines(path: Path, *objects: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(o, ensure_ascii=False) + "\n" for o in objects), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, run once with given tags; the folder holds out/ and huiyin.db."""
    folder = tmp_path_factory.mktemp("ran")
    copy_sample(folder / "data")
    done = huiyin("run", "data", "--tags", SAMPLE / "truth" / "tags.jsonl", "--as-of", AS_OF.isoformat(), cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "线索状态" in done.stdout
    assert "report.html" in done.stdout
    return folder


def test_run_writes_every_file(ran: Path) -> None:
    names = {p.name for p in (ran / "out").iterdir()}
    assert names == {
        "conversations.jsonl", "tags.jsonl", "profiles.jsonl", "leads.jsonl", "rejects.jsonl", "report.html",
    }  # fmt: skip
    leads = [json.loads(x) for x in (ran / "out" / "leads.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(leads) == len(sample_result().leads)
    assert leads == sorted(leads, key=lambda x: (x["client_id"], x["opened_at"]))


def test_a_second_run_changes_nothing(ran: Path) -> None:
    before = {p.name: p.read_bytes() for p in (ran / "out").iterdir()}
    again = huiyin(
        "run", "data", "--tags", SAMPLE / "truth" / "tags.jsonl", "--as-of", AS_OF.isoformat(), "--json", cwd=ran
    )
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["unchanged"] is True
    assert {p.name: p.read_bytes() for p in (ran / "out").iterdir()} == before


def test_show_client_and_lead(ran: Path) -> None:
    lead = sample_result().leads[0]
    shown = huiyin("show", "client", lead.client_id, cwd=ran)
    assert shown.returncode == 0, shown.stderr
    assert lead.client_id in shown.stdout
    as_json = json.loads(huiyin("show", "lead", lead.lead_id, "--json", cwd=ran).stdout)
    assert as_json["item"]["lead"]["lead_id"] == lead.lead_id
    missing = huiyin("show", "lead", "none", cwd=ran)
    assert missing.returncode == 7
    assert "no lead none" in missing.stderr
    assert "Traceback" not in missing.stderr


def test_audit_from_given_tags_equals_the_run(ran: Path) -> None:
    done = huiyin(
        "audit", "data", "--tags", SAMPLE / "truth" / "tags.jsonl", "--as-of", AS_OF.isoformat(), "--out", "audited",
        cwd=ran,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (ran / "audited" / "leads.jsonl").read_bytes() == (ran / "out" / "leads.jsonl").read_bytes()


def test_audit_without_leads_writes_an_empty_file(tmp_path: Path) -> None:
    folder = copy_sample(tmp_path / "data")
    (tmp_path / "none.jsonl").write_text("", encoding="utf-8")
    done = huiyin("audit", folder, "--tags", "none.jsonl", "--as-of", "2026-03-23", "--out", "o", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "o" / "leads.jsonl").read_bytes() == b""


def test_a_tag_for_no_conversation_is_told_with_file_and_line(tmp_path: Path) -> None:
    folder = copy_sample(tmp_path / "data")
    write_lines(
        tmp_path / "tags.jsonl",
        {
            "conversation_id": "nowhere",
            "tag": "idle_funds",
            "stance": "affirmed",
            "value": {},
            "turns": [0],
            "quote": "钱",
        },
    )
    done = huiyin("audit", folder, "--tags", "tags.jsonl", "--as-of", "2026-03-23", "--out", "o", cwd=tmp_path)
    assert done.returncode == 4
    assert "tags.jsonl:1" in done.stderr
    assert "nowhere" in done.stderr


def test_tag_finds_tags_with_proof(tmp_path: Path) -> None:
    write_lines(tmp_path / "in.jsonl", CONVERSATION)
    done = huiyin("tag", "in.jsonl", "--out", "tags.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = [json.loads(x) for x in (tmp_path / "tags.jsonl").read_text(encoding="utf-8").splitlines()]
    assert ("permission_intent", "margin") in {(t["tag"], t["value"].get("permission")) for t in found}
    assert all(t["proof"]["rule"] and t["proof"]["evidence"] for t in found)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("run", "nowhere"), 3, "no such folder"),
        (("run", "empty"), 3, "calls.csv"),
        (("run", "empty", "--as-of", "gestern"), 3, "gestern"),
        (("tag", "nowhere.jsonl", "--out", "x.jsonl"), 3, "no such file"),
        (("transcribe", "nowhere.wav", "--out", "x.jsonl"), 3, "nowhere.wav"),
        (("serve", "--host", "0.0.0.0"), 3, "loopback"),
        (("show", "client", "C1", "--db", "postgresql://u:secret@127.0.0.1:1/x"), 6, "127.0.0.1"),
        (("run",), 2, "FOLDER"),
        (("frobnicate",), 2, "frobnicate"),
    ],
)
def test_each_failure_has_its_exit_code_and_a_clear_line(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    done = huiyin(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_bad_rows_are_told_and_the_rest_goes_in(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "clients.csv").write_bytes(
        "\ufeffclient_id,advisor_id,name,opened_on,shoe_size\nC1,A1,王芳,2020-01-02,38\nC2,A1,李四,昨天,40\nC1,A1,王芳,,\n".encode()
    )
    write_lines(folder / "transcripts.jsonl", CONVERSATION)
    done = huiyin("run", folder, "--as-of", "2026-03-23T09:00", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    text = done.stderr.replace("\n", " ")
    assert "shoe_size" in text
    assert "clients.csv:3" in text
    assert "opened_on" in text
    assert "clients.csv:4" in text
    assert "rejects.jsonl" in text
    rejects = (tmp_path / "out" / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(x)["line"] for x in rejects} == {3, 4}
    strict = huiyin("run", folder, "--as-of", "2026-03-23T09:00", "--strict", cwd=tmp_path)
    assert strict.returncode == 4


def test_gb18030_csv_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    rows = "client_id,advisor_id,name,region\nC1,A1,王芳,上海市徐汇区漕溪北路\n"
    (folder / "clients.csv").write_bytes(rows.encode("gb18030"))
    write_lines(folder / "transcripts.jsonl", CONVERSATION)
    done = huiyin("run", folder, "--as-of", "2026-03-23T09:00", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    shown = json.loads(huiyin("show", "client", "C1", "--json", cwd=tmp_path).stdout)
    assert shown["client"]["client"]["name"] == "王芳"


@pytest.mark.model
def test_broken_recordings_are_named_and_the_batch_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "text.wav").write_text("<html>404 Not Found</html>", encoding="utf-8")
    (folder / "empty.wav").write_bytes(b"")
    (folder / "cut.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVEjunkjunkjunk")
    (folder / "calls.csv").write_text(
        "call_id,client_id,advisor_id,started_at,answered,recording\n"
        "K1,C1,A1,2026-03-12T10:05:00,true,text.wav\n"
        "K2,C1,A1,2026-03-12T11:05:00,true,empty.wav\n"
        "K3,C1,A1,2026-03-12T12:05:00,true,cut.wav\n"
        "K4,C1,A1,2026-03-12T13:05:00,true,gone.wav\n"
        "K5,C1,A1,2026-03-12T14:05:00,false,\n",
        encoding="utf-8",
    )
    done = huiyin("run", folder, "--as-of", "2026-03-23T09:00", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    talks = (tmp_path / "out" / "conversations.jsonl").read_text(encoding="utf-8").splitlines()
    states = {t["conversation_id"]: (t["transcript_state"], t["transcript_note"]) for t in map(json.loads, talks)}
    assert {k: v[0] for k, v in states.items()} == {
        "K1": "unreadable", "K2": "empty", "K3": "unreadable", "K4": "missing_file", "K5": "not_answered",
    }  # fmt: skip
    assert all(states[k][1] for k in ("K1", "K2", "K3", "K4"))


@pytest.mark.model
def test_transcribe_an_amr_voice_message(tmp_path: Path) -> None:
    voice = next((SAMPLE / "media").glob("*.amr"))
    done = huiyin("transcribe", voice, "--out", "t.jsonl", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    talk = json.loads((tmp_path / "t.jsonl").read_text(encoding="utf-8"))
    assert talk["transcript_state"] == "transcribed"
    assert "测试" in "".join(t["text"] for t in talk["turns"])


def test_doctor_tells_what_is_there(tmp_path: Path) -> None:
    done = huiyin("doctor", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    checks = {c["name"]: c for c in json.loads(done.stdout)}
    assert checks["weights"]["ok"]
    assert checks["database"]["ok"]


def test_help_lists_every_command(tmp_path: Path) -> None:
    shown = huiyin("--help", cwd=tmp_path).stdout
    for command in ("run", "transcribe", "tag", "audit", "show", "serve", "doctor", "db"):
        assert command in shown
    assert huiyin("--version", cwd=tmp_path).stdout.startswith("huiyin ")
