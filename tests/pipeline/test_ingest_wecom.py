"""wecom.jsonl: who speaks to whom, where conversations begin and end, what is recalled (spec/formats.md)."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from huiyin.domain.conversation import Speaker, TranscriptState
from huiyin.pipeline.ingest.dataset import Dataset
from huiyin.pipeline.ingest.folder import read_folder
from huiyin.pipeline.ingest.issue import RejectState

Json = dict[str, Any]
T0 = 1_764_550_800_000  # 2025-12-01 09:00:00 in Shanghai
HOUR = 3_600_000
CLIENTS = "client_id,advisor_id,wecom_userid\nC1,A1,wmOne\nC2,A2,wmTwo\nC3,A9,wmThree\n"
ADVISORS = "advisor_id,wecom_userid\nA1,ZhangWei\nA2,lihua\nA9,\n"


def message(number: int, sender: str = "wmOne", to: Any = ("zhangwei",), after: int = 0, **more: Any) -> Json:
    return {
        "msgid": f"m{number:03}", "action": "send", "from": sender, "tolist": list(to) if isinstance(to, tuple) else to,
        "roomid": "", "msgtime": T0 + after, "msgtype": "text", "text": {"content": f"第{number}句"},
    } | more  # fmt: skip


def room(number: int, sender: str, after: int = 0, **more: Any) -> Json:
    return message(number, sender, ("zhangwei", "lihua", "wmOne", "wmTwo"), after, roomid="wrRoom", **more)


def read(
    tmp_path: Path, *records: Json | str, clients: str | None = CLIENTS, advisors: str | None = ADVISORS,
    media: tuple[str, ...] = (),
) -> Dataset:  # fmt: skip
    tmp_path.mkdir(exist_ok=True)
    lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records]
    (tmp_path / "wecom.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, text in (("clients.csv", clients), ("advisors.csv", advisors)):
        if text is not None:
            (tmp_path / name).write_text(text, encoding="utf-8")
    for name in media:
        (tmp_path / "media").mkdir(exist_ok=True)
        (tmp_path / "media" / name).write_bytes(b"#!AMR\n")
    return read_folder(tmp_path)


# ---------------------------------------------------------------- direct chats


def test_a_direct_chat(tmp_path: Path) -> None:
    data = read(tmp_path, message(1), message(2, "ZHANGWEI", ("wmone",), 5500))
    (found,) = data.conversations
    assert found.conversation_id == "wecom:m001"
    assert (found.client_id, found.advisor_id, found.channel, found.medium) == ("C1", "A1", "wecom", "chat")
    assert found.started_at.isoformat() == "2025-12-01T09:00:00+08:00"
    assert [(t.speaker, t.start, t.text, t.msgid, t.author_id) for t in found.turns] == [
        (Speaker.CLIENT, 0.0, "第1句", "m001", "C1"),
        (Speaker.ADVISOR, 5.5, "第2句", "m002", "A1"),
    ]
    assert data.issues == ()


def test_a_chat_is_cut_where_nobody_wrote_for_twelve_hours(tmp_path: Path) -> None:
    data = read(tmp_path, message(1), message(2, after=12 * HOUR - 1), message(3, after=24 * HOUR - 1))
    assert [c.conversation_id for c in data.conversations] == ["wecom:m001", "wecom:m003"]
    assert [len(c.turns) for c in data.conversations] == [2, 1]


def test_chats_with_two_advisors_are_two(tmp_path: Path) -> None:
    data = read(tmp_path, message(1), message(2, to=("lihua",)))
    assert [(c.conversation_id, c.advisor_id) for c in data.conversations] == [
        ("wecom:m001", "A1"),
        ("wecom:m002", "A2"),
    ]


def test_order_and_repetition_do_not_matter(tmp_path: Path) -> None:
    records = [message(n, *(("wmOne", ("zhangwei",)) if n % 2 else ("zhangwei", ("wmOne",))), n * HOUR * 5)
               for n in range(1, 12)]  # fmt: skip
    records += [room(n, "wmTwo", n * HOUR) for n in range(20, 24)]
    records += [message(30, after=7 * HOUR, action="recall", msgtype="revoke", revoke={"pre_msgid": "m001"})]
    straight = read(tmp_path / "a", *records)
    mixed = [*records, *records]
    random.Random(7).shuffle(mixed)
    twice = read(tmp_path / "b", *mixed)
    assert twice.conversations == straight.conversations
    assert twice.archive_events == straight.archive_events
    (issue,) = twice.warnings
    assert f"{len(records)} lines repeat" in issue.message


def test_two_records_with_one_id_that_differ(tmp_path: Path) -> None:
    a, b = message(1), message(1, text={"content": "别的话"})
    data, other = read(tmp_path / "a", a, b), read(tmp_path / "b", b, a)
    assert data.conversations == other.conversations and len(data.conversations[0].turns) == 1
    assert [i.column for i in data.errors] == ["msgid"] and len(data.rejects) == 1


def test_messages_of_one_moment_go_by_sequence_then_id(tmp_path: Path) -> None:
    data = read(tmp_path, message(3, seq=1), message(2, seq="2"), message(1, seq=3))
    assert [t.msgid for t in data.conversations[0].turns] == ["m003", "m002", "m001"]


def test_a_mass_message_is_in_each_chat(tmp_path: Path) -> None:
    data = read(tmp_path, message(1, "zhangwei", ("wmOne", "wmTwo")), message(2, "wmTwo", after=9))
    assert [(c.conversation_id, len(c.turns)) for c in data.conversations] == [
        ("wecom:m001:C1:A1", 1),
        ("wecom:m001:C2:A1", 2),
    ]


# ---------------------------------------------------------------- tolerance


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"msgtime": str(T0)}, "09:00:00"),
        ({"msgtime": T0 // 1000}, "09:00:00"),
        ({"msgtime": str(T0 // 1000)}, "09:00:00"),
        ({"msgtime": float(T0)}, "09:00:00"),
        ({"msgtime": "2025-12-01 09:00:00"}, "09:00:00"),
        ({"tolist": "zhangwei"}, "09:00:00"),
        ({"tolist": '["zhangwei"]'}, "09:00:00"),
        ({"roomid": None}, "09:00:00"),
        ({"action": ""}, "09:00:00"),
        ({"msgtype": "TEXT"}, "09:00:00"),
        ({"text": json.dumps({"content": "第1句"})}, "09:00:00"),
        ({"text": "第1句"}, "09:00:00"),
        ({"text": None, "info": {"content": "第1句"}}, "09:00:00"),
        ({"image": None, "link": None, "attachment": ""}, "09:00:00"),
    ],
)
def test_what_exports_do_to_a_record(tmp_path: Path, change: Json, told: str) -> None:
    data = read(tmp_path, message(1) | change)
    (found,) = data.conversations
    assert found.turns[0].text == "第1句" and found.started_at.strftime("%H:%M:%S") == told
    assert data.issues == ()


def test_a_record_without_roomid_is_a_direct_chat(tmp_path: Path) -> None:
    record = message(1)
    del record["roomid"]
    assert read(tmp_path, record).conversations[0].group_id is None


def test_raw_control_characters_and_line_ends(tmp_path: Path) -> None:
    raw = json.dumps(message(1), ensure_ascii=False).replace("第1句", "一\x01二\n三\t四")
    data = read(tmp_path, raw, message(2, after=1))
    assert [t.text for t in data.conversations[0].turns] == ["一\x01二\n三\t四", "第2句"]
    assert data.issues == ()


def test_a_record_cut_short_does_not_take_the_next(tmp_path: Path) -> None:
    data = read(tmp_path, '{"msgid": "m001", "text": {"content": "断', message(2))
    assert [i.line for i in data.errors] == [1]
    assert [t.msgid for t in data.conversations[0].turns] == ["m002"]


def test_a_time_of_zero_falls_back_on_the_id(tmp_path: Path) -> None:
    data = read(tmp_path, message(1, msgid=f"45_{T0}_external", msgtime=0))
    assert data.conversations[0].started_at.hour == 9
    assert [(i.line, i.column, i.value) for i in data.warnings] == [(1, "msgtime", "0")]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"msgtime": 0}, "msgtime"),
        ({"msgtime": None}, "msgtime"),
        ({"msgtime": "soon"}, "msgtime"),
        ({"msgtime": 10**30}, "msgtime"),
        ({"msgid": ""}, "msgid"),
        ({"msgid": None}, "msgid"),
        ({"from": None}, "from"),
        ({"tolist": []}, "tolist"),
        ({"tolist": {"a": 1}}, "tolist"),
        ({"msgtype": None}, "msgtype"),
        ({"encrypt_chat_msg": "x"}, "encrypt_chat_msg"),
    ],
)
def test_records_that_are_no_message(tmp_path: Path, change: Json, column: str) -> None:
    data = read(tmp_path, message(1) | change, message(2))
    assert [(i.line, i.column) for i in data.errors] == [(1, column)]
    assert [r.state for r in data.rejects] == [RejectState.REJECTED]
    assert len(data.conversations) == 1


# ---------------------------------------------------------------- who is who


def test_an_unknown_external_user_is_kept_and_named_once(tmp_path: Path) -> None:
    data = read(tmp_path, message(1, "wmStranger"), message(2, "zhangwei", ("wmStranger",)), message(3))
    assert len(data.conversations) == 1
    assert [(r.line, r.state) for r in data.rejects] == [(1, RejectState.UNASSIGNED), (2, RejectState.UNASSIGNED)]
    assert any(i.value == "wmStranger" and "on 2 lines" in i.message for i in data.warnings)
    assert data.errors == ()


def test_without_any_client_the_archives_ids_stand_for_them(tmp_path: Path) -> None:
    data = read(tmp_path, message(1), clients=None, advisors=None)
    assert [(c.client_id, c.advisor_id) for c in data.conversations] == [("wmOne", "zhangwei")]
    assert len(data.warnings) == 2


def test_an_employee_not_in_the_directory_is_an_advisor(tmp_path: Path) -> None:
    data = read(tmp_path, message(1, to=("newbie",)))
    assert data.conversations[0].advisor_id == "newbie"
    assert [i.value for i in data.warnings] == ["newbie"]


def test_the_directory_comes_before_the_shape_of_an_id(tmp_path: Path) -> None:
    data = read(tmp_path, message(1, to=("woEmployee",)), advisors=ADVISORS + "A5,WOEMPLOYEE\n")
    assert data.conversations[0].advisor_id == "A5"


def test_robots_and_colleagues_are_nobodys(tmp_path: Path) -> None:
    data = read(tmp_path, message(1, "wbRobot"), message(2, "zhangwei", ("lihua",)))
    assert data.conversations == () and len(data.rejects) == 2 and data.errors == ()


# ---------------------------------------------------------------- groups


def test_a_group_counts_for_each_client_who_wrote(tmp_path: Path) -> None:
    data = read(tmp_path, room(1, "lihua"), room(2, "wmOne", 1), room(3, "wmTwo", 2), room(4, "wbBot", 3))
    one, two = data.conversations
    assert (one.conversation_id, one.client_id, one.advisor_id) == ("wecom:m001", "C1", "A1")
    assert (two.conversation_id, two.client_id, two.advisor_id) == ("wecom:m001:C2", "C2", "A2")
    assert one.group_id == two.group_id == "wrRoom"
    assert [t.speaker for t in one.turns] == [Speaker.ADVISOR, Speaker.CLIENT, Speaker.OTHER, Speaker.OTHER]
    assert [t.speaker for t in two.turns] == [Speaker.ADVISOR, Speaker.OTHER, Speaker.CLIENT, Speaker.OTHER]
    assert [t.author_id for t in one.turns] == ["A2", "C1", "C2", "wbBot"]


def test_a_client_whose_advisor_is_not_in_the_group(tmp_path: Path) -> None:
    data = read(tmp_path, room(1, "lihua"), room(2, "zhangwei", 1), room(3, "wmThree", 2))
    assert data.conversations[0].advisor_id == "A2"


def test_a_group_in_which_no_client_wrote(tmp_path: Path) -> None:
    data = read(tmp_path, room(1, "lihua"), room(2, "zhangwei", 1))
    assert data.conversations == ()
    assert [r.state for r in data.rejects] == [RejectState.UNASSIGNED] * 2
    assert any("no client of ours wrote" in i.message for i in data.warnings)


# ---------------------------------------------------------------- recalls, consent, switch


def recall(number: int, of: str, after: int = 0) -> Json:
    return message(number, after=after, action="recall", msgtype="revoke", revoke={"pre_msgid": of})


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_a_recalled_message_stays_as_recalled(tmp_path: Path, order: tuple[int, ...]) -> None:
    records = [message(1), message(2, after=1), recall(3, "m001", after=2)]
    data = read(tmp_path, *[records[i] for i in order])
    assert [(t.text, t.recalled, t.speaker) for t in data.conversations[0].turns] == [
        ("第1句", True, Speaker.CLIENT),
        ("第2句", False, Speaker.CLIENT),
        ("[撤回消息]", False, Speaker.OTHER),
    ]
    assert [(e.kind, e.note) for e in data.archive_events] == [("revoke", "m001")]


def test_a_recall_of_an_unknown_message(tmp_path: Path) -> None:
    data = read(tmp_path, message(1), recall(3, "m000", after=2))
    assert [i.column for i in data.warnings] == ["pre_msgid"]
    assert not any(t.recalled for t in data.conversations[0].turns)


def test_a_recall_alone_is_no_conversation_and_is_kept(tmp_path: Path) -> None:
    data = read(tmp_path, recall(3, "m000"))
    assert data.conversations == () and [e.note for e in data.archive_events] == ["m000"]


def test_consent_is_an_event(tmp_path: Path) -> None:
    agree = message(1, msgtype="agree", agree={"userid": "wmOne", "agree_time": T0})
    refuse = message(3, after=2, msgtype="disagree", disagree={"userid": "wmOne", "disagree_time": T0})
    data = read(tmp_path, agree, message(2, after=1), refuse)
    assert [(e.kind, e.client_id) for e in data.archive_events] == [("agree", "C1"), ("disagree", "C1")]
    assert [t.speaker for t in data.conversations[0].turns] == [Speaker.OTHER, Speaker.CLIENT, Speaker.OTHER]


def test_a_switched_log_is_an_event(tmp_path: Path) -> None:
    data = read(tmp_path, {"msgid": "s1", "action": "switch", "time": T0, "user": "zhangwei"})
    (event,) = data.archive_events
    assert (event.kind, event.userid) == ("switch", "zhangwei") and event.raw is not None
    assert data.errors == () and data.conversations == ()


# ---------------------------------------------------------------- voice and calls


def test_a_voice_message_waits_for_its_words(tmp_path: Path) -> None:
    voice = {"md5sum": "AB12", "voice_size": "6810", "play_length": "10", "sdkfileid": "F"}
    data = read(tmp_path, message(1, msgtype="voice", voice=voice), media=("ab12.amr", "ab12.txt"))
    (waiting,) = data.voice_messages
    assert (waiting.conversation_id, waiting.turn, waiting.path) == ("wecom:m001", 0, "media/ab12.amr")
    assert waiting.play_length_s == 10.0
    (found,) = data.conversations
    assert (found.turns[0].kind, found.turns[0].text) == ("voice", "[语音]")
    assert found.turns[0].media == "media/ab12.amr"


def test_a_voice_message_without_its_file(tmp_path: Path) -> None:
    data = read(tmp_path, message(1, msgtype="voice", voice={"md5sum": "../../etc/passwd"}))
    assert [v.path for v in data.voice_messages] == [None]
    assert [i.column for i in data.warnings] == ["md5sum"] and len(data.conversations) == 1


def test_a_recorded_call(tmp_path: Path) -> None:
    body = {"endtime": T0 // 1000 + 95, "sdkfileid": "F"}
    record = message(1, "zhangwei", ("wmOne",), msgtype="meeting_voice_call", voiceid="grV1", meeting_voice_call=body)
    data = read(tmp_path / "a", record, media=("grV1.mp3",))
    (found,) = data.conversations
    assert (found.conversation_id, found.medium, found.channel) == ("wecom:m001", "call", "wecom")
    assert (found.direction, found.answered, found.duration_s) == ("outbound", True, 95.0)
    assert found.transcript_state is TranscriptState.PENDING
    assert found.recording is not None and found.recording.path == "media/grV1.mp3"
    (without,) = read(tmp_path / "b", record).conversations
    assert without.transcript_state is TranscriptState.NO_RECORDING and without.recording is None


@pytest.mark.parametrize(
    ("length", "answered", "state"),
    [
        (195, True, TranscriptState.NO_RECORDING),
        ("195", True, TranscriptState.NO_RECORDING),
        (0, False, TranscriptState.NOT_ANSWERED),
        (None, False, TranscriptState.NOT_ANSWERED),
    ],
)
def test_a_call_of_which_there_is_no_audio(tmp_path: Path, length: Any, answered: bool, state: TranscriptState) -> None:
    body = {"callduration": length, "invitetype": 2}
    (found,) = read(tmp_path, message(1, msgtype="voiptext", info=body)).conversations
    assert (found.medium, found.answered, found.transcript_state) == ("call", answered, state)
    assert found.direction == "inbound"


def test_a_call_of_a_whole_group_is_nobodys_words(tmp_path: Path) -> None:
    call = room(2, "zhangwei", 1, msgtype="voiptext", info={"callduration": 61, "invitetype": 4})
    (found,) = read(tmp_path, room(1, "wmOne"), call).conversations
    assert [(t.speaker, t.text) for t in found.turns][1] == (Speaker.OTHER, "[音视频通话] 1分1秒")
