"""Whatever bytes or values a file holds: issues and rejects come out, and every line is accounted for."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.domain.errors import PolicyError
from huiyin.pipeline.ingest.dataset import Dataset, write_rejects
from huiyin.pipeline.ingest.folder import FILES, read_folder
from huiyin.pipeline.ingest.given_tags import read_tags
from huiyin.pipeline.ingest.wecom_types import MESSAGE_TYPES

TABLES = tuple(f for f in FILES if f != "policy.yaml")
HEADERS = {
    "calls.csv": "call_id,client_id,advisor_id,started_at,answered,direction,duration_s,recording,advisor_channel\n",
    "clients.csv": "client_id,advisor_id,birth_year,opened_on,total_assets,permissions,wecom_userid\n",
    "advisors.csv": "advisor_id,name,wecom_userid\n",
    "events.csv": "event_id,client_id,type,at,permission,product,amount\n",
}
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["wmA", "li", "d1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def swallow(files: dict[str, bytes]) -> Dataset:
    """Reads the files as a folder, and writes everything that came out as JSON."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        data = read_folder(folder)
        data.model_dump_json().encode()
        assert write_rejects(folder / "rejects.jsonl", data) == len(data.rejects)
        assert all("\n" not in i.render() and i.render().isprintable() for i in data.issues)
        for count in data.files:
            assert count.rows == count.accepted + count.rejected
        return data


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(TABLES), st.binary(max_size=120), min_size=1))
def test_any_bytes(files: dict[str, bytes]) -> None:
    swallow(files)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(HEADERS)), st.text(max_size=120), st.sampled_from(["utf-8", "gb18030", "utf-8-sig"]))
def test_any_rows_below_a_good_header(file: str, rows: str, codec: str) -> None:
    swallow({file: (HEADERS[file] + rows).encode(codec, "replace")})


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(HEADERS)), st.lists(st.lists(st.text(max_size=6), max_size=9), max_size=4))
def test_any_cells(file: str, rows: list[list[str]]) -> None:
    text = "".join(",".join('"' + c.replace('"', '""') + '"' for c in row) + "\n" for row in rows)
    data = swallow({file: (HEADERS[file] + text).encode("utf-8", "replace")})
    assert data.errors or not data.rejects


message = st.fixed_dictionaries(
    {
        "msgid": st.sampled_from(["m1", "m2", "m3"]) | anything,
        "from": st.sampled_from(["wmA", "wmB", "li", "wbR"]) | anything,
        "tolist": st.sampled_from([["wmA"], ["li"], "li", ["li", "wmB"]]) | anything,
        "msgtime": st.sampled_from([1764550801123, "1764550801", 1764650801123]) | anything,
        "msgtype": st.sampled_from([*MESSAGE_TYPES, "hologram"]) | anything,
    },
    optional={
        "roomid": st.sampled_from(["", "wrX"]) | anything, "seq": anything,
        "action": st.sampled_from(["send", "recall", "switch"]), "info": anything, "text": anything,
        "revoke": anything, "is_revoke": anything, "voice": anything,
        "mixed": st.fixed_dictionaries({"item": anything}),
        "chatrecord": st.fixed_dictionaries({"item": st.lists(anything, max_size=3)}),
    },
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(message, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_any_archive_in_any_order(records: list[Any], dice: Any) -> None:
    lines = [json.dumps(r).encode() + b"\n" for r in records]
    first = swallow({"wecom.jsonl": b"".join(lines)})
    again = lines + lines
    dice.shuffle(again)
    second = swallow({"wecom.jsonl": b"".join(again)})
    assert first.conversations == second.conversations
    assert first.voice_messages == second.voice_messages
    ids = [c.conversation_id for c in first.conversations]
    assert len(ids) == len(set(ids))


turn = st.fixed_dictionaries(
    {"turn": st.integers(0, 2) | anything, "speaker": st.sampled_from(["advisor", "client"]) | anything,
     "start": st.floats(0, 9) | anything, "text": st.text(max_size=5) | anything},
    optional={"end": anything, "quoted": anything, "words": anything, "kind": anything},
)  # fmt: skip
talk = st.fixed_dictionaries(
    {"conversation_id": st.just("d1") | anything, "channel": st.sampled_from(["phone", "wecom"]) | anything,
     "client_id": st.just("C1") | anything, "advisor_id": st.just("A1") | anything,
     "started_at": st.just("2026-03-12 10:05") | anything, "turns": st.lists(turn, max_size=3) | anything},
    optional={"direction": anything, "duration_s": anything, "recording": anything, "medium": anything, "x": anything},
)  # fmt: skip
tag = st.fixed_dictionaries(
    {"conversation_id": st.just("d1") | anything, "tag": st.sampled_from(["idle_funds", "family"]) | anything,
     "turns": st.just([0]) | anything, "quote": st.just("好") | anything, "value": anything},
    optional={"stance": anything, "confidence": anything, "x": anything},
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(talk, max_size=3), st.lists(tag, max_size=3))
def test_any_conversations_and_tags(talks: list[Any], tags: list[Any]) -> None:
    good = {"conversation_id": "d1", "channel": "phone", "client_id": "C1", "advisor_id": "A1",
            "started_at": "2026-03-12 10:05",
            "turns": [{"turn": 0, "speaker": "client", "start": 0, "text": "好"}]}  # fmt: skip
    data = swallow({"transcripts.jsonl": "\n".join(json.dumps(x) for x in [*talks, good]).encode()})
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "tags.jsonl"
        path.write_text("\n".join(json.dumps(t) for t in tags))
        found = read_tags(path, data.conversations)
        assert found.rows == len(tags) and len(found.tags) + len(found.rejects) <= len(tags)
        found.model_dump_json().encode()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet="ab:- \n[]{}&*!?%'\"1.#|>", max_size=40).map(str.encode))
def test_any_policy(content: bytes) -> None:
    try:
        data = swallow({"policy.yaml": content, "advisors.csv": b"advisor_id\nA1\n"})
    except PolicyError as problem:
        assert "policy.yaml" in str(problem)
    else:
        assert all(isinstance(k, str) for k in data.policy)
