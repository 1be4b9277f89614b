"""A data folder in: one test for each defect and each message that a person sees (spec/formats.md)."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from huiyin.domain.conversation import TranscriptState
from huiyin.domain.crm import Client
from huiyin.domain.errors import InputError, MissingFileError, PolicyError
from huiyin.domain.record import SHANGHAI
from huiyin.pipeline.ingest.dataset import Dataset, write_rejects
from huiyin.pipeline.ingest.folder import FILES, kind_of, read_files, read_folder
from huiyin.pipeline.ingest.issue import Severity

CLIENTS = "client_id,advisor_id,name\nC1,A1,张三\nC2,A1,李四\n"
CALLS = "call_id,client_id,advisor_id,started_at,answered\n"


def folder(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path


def read(tmp_path: Path, files: dict[str, str | bytes]) -> Dataset:
    return read_folder(folder(tmp_path, files))


def rendered(data: Dataset) -> list[str]:
    return [i.render() for i in data.issues]


# ---------------------------------------------------------------- the folder itself


def test_an_empty_folder_lists_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError) as problem:
        read_folder(tmp_path)
    assert all(name in str(problem.value) for name in FILES)


def test_a_folder_with_other_files_only_says_what_it_holds(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds notes\.txt"):
        read(tmp_path, {"notes.txt": "x"})


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="no such folder"):
        read_folder(tmp_path / "nowhere")


def test_a_file_in_place_of_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(CALLS)
    with pytest.raises(InputError, match="is a file, not a folder"):
        read_folder(path)


def test_any_one_file_will_do(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": CLIENTS})
    assert [c.client_id for c in data.clients] == ["C1", "C2"]
    assert data.issues == () and data.conversations == ()


def test_a_misspelt_file_is_pointed_out(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": CLIENTS, "call.csv": CALLS, "leads.jsonl": "", "README.md": "x"})
    assert [(i.file, i.severity) for i in data.issues] == [("call.csv", Severity.WARNING)]


def test_a_file_name_in_capitals_is_found(tmp_path: Path) -> None:
    assert len(read(tmp_path, {"Clients.CSV": CLIENTS}).clients) == 2


def test_a_folder_named_like_a_file_is_an_issue(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").mkdir()
    data = read(tmp_path, {"clients.csv": CLIENTS})
    assert [i.file for i in data.errors] == ["calls.csv"]
    assert len(data.clients) == 2


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"clients.csv": CLIENTS, "calls.csv": CALLS + "K1,C1,A1,2026-03-12 10:05,true\n"}
    assert read(tmp_path, files) == read(tmp_path, files)


# ---------------------------------------------------------------- encodings and line ends


@pytest.mark.parametrize(
    ("codec", "called"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("gbk", "gb18030")],
)
def test_encodings(tmp_path: Path, codec: str, called: str) -> None:
    data = read(tmp_path, {"clients.csv": CLIENTS.encode(codec)})
    assert [c.name for c in data.clients] == ["张三", "李四"]
    assert data.files[0].encoding == called and data.issues == ()


def test_gb18030_with_its_own_bom(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": ("\ufeff" + CLIENTS).encode("gb18030")})
    assert [c.name for c in data.clients] == ["张三", "李四"]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends(tmp_path: Path, end: str) -> None:
    data = read(tmp_path, {"clients.csv": CLIENTS.replace("\n", end)})
    assert [c.name for c in data.clients] == ["张三", "李四"] and data.issues == ()


def test_a_file_of_neither_encoding_names_the_byte(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": CLIENTS, "calls.csv": b"call_id\n" + bytes([0xFF, 0x80, 0x9A, 0xFF] * 20)})
    assert any("calls.csv: byte 8 (0xff)" in line and "neither UTF-8 nor GB18030" in line for line in rendered(data))


def test_an_excel_workbook_is_recognised(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": CLIENTS, "calls.csv": b"PK\x03\x04abc"})
    assert any("Excel workbook" in line for line in rendered(data))


def test_one_damaged_character_costs_one_line(tmp_path: Path) -> None:
    text = (CLIENTS + "C3,A1,王五赵六孙七周八吴九郑十\n").encode()
    data = read(tmp_path, {"clients.csv": text.replace("张".encode(), b"\xe5\xbc")})
    assert [c.client_id for c in data.clients] == ["C2", "C3"]
    (issue,) = data.errors
    assert issue.line == 2 and f"byte {text.index('张'.encode())} (0xe5)" in issue.message
    assert data.rejects[0].raw == "C1,A1,\\xe5\\xbc三"


# ---------------------------------------------------------------- columns and lines


def test_an_unknown_column_is_kept_out_with_a_warning(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": "client_id,advisor_id,爱好\nC1,A1,钓鱼\n"})
    (issue,) = data.issues
    assert (issue.severity, issue.line, issue.column) == (Severity.WARNING, 1, "爱好")
    assert len(data.clients) == 1


def test_a_missing_required_column_leaves_the_file_out(tmp_path: Path) -> None:
    data = read(tmp_path, {"calls.csv": "call_id,client_id,advisor_id,answered\nK1,C1,A1,true\n"})
    (issue,) = data.errors
    assert issue.render().startswith("error: calls.csv:1: started_at: required column is missing")
    assert data.conversations == () and [r.raw for r in data.rejects] == ["K1,C1,A1,true"]


def test_semicolons_are_pointed_out(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": "client_id;advisor_id\nC1;A1\n"})
    assert any("client_id: required column is missing" in r and "not set off by commas" in r for r in rendered(data))


def test_an_empty_csv(tmp_path: Path) -> None:
    assert rendered(read(tmp_path, {"clients.csv": ""})) == ["error: clients.csv:1: is empty: no header line"]


def test_a_header_alone_is_fine(tmp_path: Path) -> None:
    assert read(tmp_path, {"calls.csv": CALLS}).issues == ()


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": "client_id,advisor_id\n\nC1,A1\n,\n\n"})
    assert len(data.clients) == 1 and data.issues == () and data.files[0].rows == 1


def test_issues_name_the_physical_line(tmp_path: Path) -> None:
    text = 'client_id,advisor_id,name,opened_on\nC1,A1,"张\n三",2020-01-02\n\nC2,A1,李四,昨天\n'
    data = read(tmp_path, {"clients.csv": text})
    assert data.clients[0].name == "张\n三"
    (issue,) = data.errors
    assert issue.render() == (
        'error: clients.csv:5: opened_on: "昨天": is not a date; want YYYY-MM-DD; the line is left out'
    )


def test_a_quote_never_closed_costs_one_line(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": 'client_id,advisor_id,name\nC1,A1,"张三\nC2,A1,李四\nC3,A1,王五\n'})
    assert [c.client_id for c in data.clients] == ["C2", "C3"]
    assert data.errors[0].line == 2 and "broken quotes" in data.errors[0].message


def test_a_comma_too_many(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": "client_id,advisor_id\nC1,A1,x\nC2,A1,\n"})
    assert [c.client_id for c in data.clients] == ["C2"]
    assert "3 values for 2 columns" in rendered(data)[0]


def test_a_short_line_is_a_warning(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": "client_id,advisor_id,name\nC1,A1\n"})
    assert len(data.clients) == 1 and "2 values for 3 columns" in data.warnings[0].message


def test_a_column_given_twice(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": "client_id,advisor_id,name,name\nC1,A1,张三,李四\n"})
    assert data.clients[0].name == "张三" and "twice" in data.errors[0].message


@pytest.mark.parametrize("name", ["client_id", "advisor_id"])
def test_a_missing_required_value(tmp_path: Path, name: str) -> None:
    row = {"client_id": "C9", "advisor_id": "A9"} | {name: " "}
    data = read(tmp_path, {"clients.csv": f"client_id,advisor_id\n{row['client_id']},{row['advisor_id']}\nC1,A1\n"})
    (issue,) = data.errors
    assert (issue.line, issue.column) == (2, name) and "required value is missing" in issue.message
    assert [c.client_id for c in data.clients] == ["C1"]


def test_of_two_lines_with_one_id_the_first_stands(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": CLIENTS + "C1,A2,王五\nC2,A1,李四\n"})
    assert [c.name for c in data.clients] == ["张三", "李四"]
    assert [(i.line, i.value) for i in data.errors] == [(4, "C1"), (5, "C2")]
    assert "another record" in data.errors[0].message and "the same record" in data.errors[1].message
    assert [r.line for r in data.rejects] == [4, 5]


def test_a_rejected_line_does_not_take_the_id(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": "client_id,advisor_id,gender\nC1,A1,X\nC1,A1,F\n"})
    assert [c.gender for c in data.clients] == ["F"] and [i.line for i in data.errors] == [2]


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("column", "good", "want"),
    [
        ("gender", "f", "F"),
        ("birth_year", "1975", 1975),
        ("risk_level", "c4", "C4"),
        ("opened_on", "2020-02-29", date(2020, 2, 29)),
        ("opened_on", "2020-02-29 00:00:00", date(2020, 2, 29)),
        ("total_assets", "500000", 500000.0),
        ("total_assets", '"500,000.50"', 500000.5),
        ("permissions", "margin; star_market;margin", ("margin", "star_market")),
        ("permissions", "", ()),
        ("phone", "", None),
    ],
)
def test_good_values(tmp_path: Path, column: str, good: str, want: object) -> None:
    data = read(tmp_path, {"clients.csv": f"client_id,advisor_id,{column}\nC1,A1,{good}\n"})
    assert data.issues == () and getattr(data.clients[0], column) == want


def test_no_permissions_column_means_not_told(tmp_path: Path) -> None:
    assert read(tmp_path, {"clients.csv": CLIENTS}).clients[0].permissions is None


@pytest.mark.parametrize(
    ("column", "bad"),
    [
        ("gender", "男"),
        ("birth_year", "75"),
        ("birth_year", "1975.5"),
        ("risk_level", "R4"),
        ("opened_on", "2021-02-29"),
        ("opened_on", "2021/02/03"),
        ("opened_on", "0001-01-01"),
        ("first_traded_on", "2021-02-03T10:00:00"),
        ("total_assets", "五十万"),
        ("total_assets", '"50,00"'),
        ("total_assets", "nan"),
        ("total_assets", "inf"),
        ("total_assets", "1_000"),
        ("avg_assets_20d", "1e999"),
        ("permissions", "margin;两融"),
    ],
)
def test_bad_values_name_file_line_column_and_value(tmp_path: Path, column: str, bad: str) -> None:
    data = read(tmp_path, {"clients.csv": f"client_id,advisor_id,{column}\nC1,A1,{bad}\nC2,A1,\n"})
    (issue,) = data.errors
    assert (issue.file, issue.line, issue.column, issue.value) == ("clients.csv", 2, column, bad.strip('"'))
    assert [c.client_id for c in data.clients] == ["C2"]


@pytest.mark.parametrize(
    "text",
    ["2026-03-12T10:05:00+08:00", "2026-03-12 10:05", "2026-03-12 10:05:00", "2026-03-12T02:05:00Z",
     "2026-03-12T02:05:00.000Z", "2026-03-11T21:05:00-05:00", "20260312T100500", "2026-03-12t10:05:00+0800"],
)  # fmt: skip
def test_times(tmp_path: Path, text: str) -> None:
    data = read(tmp_path, {"calls.csv": f"{CALLS}K1,C1,A1,{text},true\n"})
    assert data.issues == ()
    assert data.calls[0].started_at == datetime(2026, 3, 12, 10, 5, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "text",
    ["2026-03-12", "昨天", "2026-13-01 10:00", "2026-03-12 25:00", "2026/03/12 10:05", "1773284700", "2026-W11-4T10:00",
     "9999-12-31T23:59:59Z", "2026-03-12x10:05", "２０２６-03-12 10:05"],
)  # fmt: skip
def test_bad_times(tmp_path: Path, text: str) -> None:
    data = read(tmp_path, {"calls.csv": f"{CALLS}K1,C1,A1,{text},true\nK2,C1,A1,2026-03-12 10:05,true\n"})
    (issue,) = data.errors
    assert (issue.line, issue.column, issue.value) == (2, "started_at", text)
    assert [c.call_id for c in data.calls] == ["K2"]


@pytest.mark.parametrize(("text", "want"), [("TRUE", True), ("False", False), ("1", True), ("0", False)])
def test_booleans(tmp_path: Path, text: str, want: bool) -> None:
    assert read(tmp_path, {"calls.csv": f"{CALLS}K1,C1,A1,2026-03-12 10:05,{text}\n"}).calls[0].answered is want


def test_every_bad_value_of_a_line_is_named(tmp_path: Path) -> None:
    head = "call_id,client_id,advisor_id,started_at,answered,direction,duration_s,advisor_channel\n"
    data = read(tmp_path, {"calls.csv": head + "K1,C1,A1,2026-03-12 10:05,maybe,sideways,-1,2\n"})
    assert [i.column for i in data.errors] == ["direction", "answered", "duration_s", "advisor_channel"]


# ---------------------------------------------------------------- calls and recordings


def test_states_of_calls(tmp_path: Path) -> None:
    head = "call_id,client_id,advisor_id,started_at,answered,recording,advisor_channel\n"
    rows = [
        "K1,C1,A1,2026-03-12 10:01,true,rec/1.wav,1",
        "K2,C1,A1,2026-03-12 10:02,true,rec/nothing.wav,",
        "K3,C1,A1,2026-03-12 10:03,true,,",
        "K4,C1,A1,2026-03-12 10:04,false,,",
        "K5,C1,A1,2026-03-12 10:05,true,../secret.wav,",
        "K6,C1,A1,2026-03-12 10:06,true,rec\\1.wav,",
        "K7,C1,A1,2026-03-12 10:07,true,rec,",
    ]
    data = read(tmp_path / "in", {"rec/1.wav": b"RIFF", "../secret.wav": b"", "calls.csv": head + "\n".join(rows)})
    states = {c.conversation_id: c.transcript_state for c in data.conversations}
    assert states == {
        "K1": TranscriptState.PENDING,
        "K2": TranscriptState.MISSING_FILE,
        "K3": TranscriptState.NO_RECORDING,
        "K4": TranscriptState.NOT_ANSWERED,
        "K5": TranscriptState.MISSING_FILE,
        "K6": TranscriptState.PENDING,
        "K7": TranscriptState.MISSING_FILE,
    }
    first = data.conversations[0]
    assert first.recording is not None and first.recording.advisor_channel == 1
    assert data.recording_path(first) == (tmp_path / "in" / "rec" / "1.wav")
    assert [(i.line, i.column, i.severity) for i in data.issues] == [
        (3, "recording", Severity.WARNING),
        (6, "recording", Severity.WARNING),
        (8, "recording", Severity.WARNING),
    ]
    outside = next(c for c in data.conversations if c.conversation_id == "K5")
    assert outside.recording is None and "outside the data folder" in (outside.transcript_note or "")


def test_an_unknown_reference_is_a_warning_and_no_loss(tmp_path: Path) -> None:
    calls = CALLS + "K1,C9,A1,2026-03-12 10:05,true\nK2,C9,A1,2026-03-12 11:05,true\n"
    data = read(tmp_path, {"clients.csv": CLIENTS, "calls.csv": calls})
    (issue,) = data.issues
    assert (issue.severity, issue.line, issue.column, issue.value) == (Severity.WARNING, 2, "client_id", "C9")
    assert "on 2 lines" in issue.message and len(data.calls) == 2


def test_clients_known_already_are_no_unknown_reference(tmp_path: Path) -> None:
    path = folder(tmp_path, {"calls.csv": CALLS + "K1,C9,A1,2026-03-12 10:05,true\n"})
    assert read_folder(path, clients=[Client(client_id="C9", advisor_id="A1")]).issues == ()
    assert len(read_folder(path, clients=[Client(client_id="C8", advisor_id="A1")]).issues) == 1


# ---------------------------------------------------------------- events


EVENTS = "event_id,client_id,type,at,permission,product,amount,advisor_id,note\n"


def test_events(tmp_path: Path) -> None:
    rows = [
        "E1,C1,permission_opened,2026-03-12 10:05,margin,,,,",
        "E2,C1,asset_inflow,2026-03-12 10:05,,,300000,,",
        "E3,C1,product_purchased,2026-03-12 10:05,,bond_fund,,,",
        'E4,C1,activity,2026-03-12 10:05,,,,A1,"电话沟通，\n约周三"',
    ]
    data = read(tmp_path, {"events.csv": EVENTS + "\n".join(rows)})
    assert data.issues == () and len(data.events) == 4 and data.events[3].note == "电话沟通，\n约周三"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("E1,C1,permission_opened,2026-03-12 10:05,,,,,", "permission"),
        ("E1,C1,permission_opened,2026-03-12 10:05,两融,,,,", "permission"),
        ("E1,C1,product_purchased,2026-03-12 10:05,,margin,,,", "product"),
        ("E1,C1,asset_outflow,2026-03-12 10:05,,,-5,,", "amount"),
        ("E1,C1,birthday,2026-03-12 10:05,,,,,", "type"),
        ("E1,C1,activity,2026-03-12,,,,,", "at"),
        ("E1,,activity,2026-03-12 10:05,,,,,", "client_id"),
    ],
)
def test_bad_events(tmp_path: Path, row: str, column: str) -> None:
    data = read(tmp_path, {"events.csv": f"{EVENTS}{row}\nE9,C1,account_closed,2026-03-12 10:05,,,,,\n"})
    assert [(i.line, i.column) for i in data.errors] == [(2, column)]
    assert [e.event_id for e in data.events] == ["E9"]


def test_an_event_that_says_too_little_is_a_warning(tmp_path: Path) -> None:
    rows = "E1,C1,product_purchased,2026-03-12 10:05,,,,,\nE2,C1,asset_inflow,2026-03-12 10:05,,,,,\n"
    data = read(tmp_path, {"events.csv": EVENTS + rows})
    assert [i.column for i in data.warnings] == ["product", "amount"] and len(data.events) == 2


def test_a_wecom_user_claimed_twice(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": "client_id,advisor_id,wecom_userid\nC1,A1,wmX\nC2,A1,WMX\n"})
    assert [(i.line, i.column) for i in data.warnings] == [(3, "wecom_userid")] and len(data.clients) == 2


# ---------------------------------------------------------------- policy, rejects, single files


def test_policy_is_handed_on_as_it_stands(tmp_path: Path) -> None:
    data = read(tmp_path, {"policy.yaml": "due_trading_days:\n  margin: 3\ndue_time: '17:00'\n"})
    assert data.policy == {"due_trading_days": {"margin": 3}, "due_time": "17:00"}


def test_an_empty_policy_overrides_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, {"policy.yaml": "# nothing yet\n"}).policy == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1\n", r"policy\.yaml:2: is not valid YAML"),
        ("- a\n", "this is a list"),
        ("a: 1\na: 2\n", r"policy\.yaml:2: .*'a' is given twice"),
        ("1: 2\n", "no name of a setting"),
        ("? [a]\n: 2\n", "policy.yaml"),
        (b"\xff\xff\x80\x80", "neither UTF-8 nor GB18030"),
    ],
)
def test_a_broken_policy_stops(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        read(tmp_path, {"policy.yaml": text})


def test_rejects_hold_the_line_and_why(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": "client_id,advisor_id,gender\nC1,A1,男\n"})
    out = tmp_path / "rejects.jsonl"
    assert write_rejects(out, data) == 1
    (line,) = out.read_text(encoding="utf-8").splitlines()
    found = json.loads(line)
    assert (found["file"], found["line"], found["raw"]) == ("clients.csv", 2, "C1,A1,男")
    assert found["issues"][0]["column"] == "gender"


def test_no_rejects_make_an_empty_file(tmp_path: Path) -> None:
    out = tmp_path / "rejects.jsonl"
    out.write_text("yesterday's\n")
    assert write_rejects(out, read(tmp_path, {"clients.csv": CLIENTS})) == 0
    assert out.read_text() == ""


def test_files_one_by_one(tmp_path: Path) -> None:
    path = folder(tmp_path, {"a/calls.csv": CALLS + "K1,C1,A1,2026-03-12 10:05,true\n", "b/clients.csv": CLIENTS})
    data = read_files([path / "a/calls.csv", path / "b/clients.csv"])
    assert len(data.calls) == 1 and len(data.clients) == 2 and data.issues == ()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("march.csv", CALLS, "calls.csv"),
        ("crm.csv", CLIENTS, "clients.csv"),
        ("staff.csv", "advisor_id,name\n", "advisors.csv"),
        ("later.csv", EVENTS, "events.csv"),
        ("chat.jsonl", '{"msgid": "1"}\n', "wecom.jsonl"),
        ("d1.jsonl", '{"conversation_id": "d", "turns": []}\n', "transcripts.jsonl"),
        ("our.yml", "a: 1\n", "policy.yaml"),
        ("other.csv", "a,b\n", None),
        ("other.jsonl", "[1]\n", None),
    ],
)
def test_a_file_is_known_by_its_name_or_its_first_line(
    tmp_path: Path, name: str, content: str, kind: str | None
) -> None:
    assert kind_of(folder(tmp_path, {name: content}) / name) == kind


def test_single_files_that_are_no_use(tmp_path: Path) -> None:
    path = folder(tmp_path, {"x.csv": "a,b\n", "one.csv": CLIENTS, "two.csv": CLIENTS})
    with pytest.raises(InputError, match="neither name nor columns"):
        read_files([path / "x.csv"])
    with pytest.raises(InputError, match="given already"):
        read_files([path / "one.csv", path / "two.csv"])
    with pytest.raises(MissingFileError):
        read_files([path / "no.csv"])
    with pytest.raises(InputError, match="no file was given"):
        read_files([])


def test_a_long_value_is_shortened_in_a_message(tmp_path: Path) -> None:
    data = read(tmp_path, {"clients.csv": f'client_id,advisor_id,gender\nC1,A1,"{"x" * 500}\ny"\n'})
    line = rendered(data)[0]
    assert len(line) < 200 and "\n" not in line
