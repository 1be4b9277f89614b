"""Writes everything of sample_audio/ that is no sound: CRM files, WeCom archive and the truth.

Needs the recordings (make_speech.py) for their lengths and the times of the words. Runs in the project's environment:

    python scripts/make_sample/make_files.py [--check FILE]

`--check FILE` also writes all conversations with their tags there, for the labels' checker.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from records import SHANGHAI, Archive, Chat
from story import HERE, SAMPLE, load, tag_line

COPIED = ("advisors.csv", "clients.csv", "events.csv")


def write_jsonl(name: str, rows: Iterable[dict[str, Any]]) -> None:
    """A JSON object a line under sample_audio/."""
    path = SAMPLE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    print(f"{name}: {len(path.read_text(encoding='utf-8').splitlines())} lines")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def truth_of(call_id: str) -> dict[str, Any]:
    return json.loads((SAMPLE / "recordings" / f"{call_id}.truth.json").read_text(encoding="utf-8"))


def write_truth_tags(call: dict[str, Any]) -> list[dict[str, Any]]:
    """The tags of a call; the file beside the recording is brought up to date with the story."""
    path = SAMPLE / "recordings" / f"{call['call_id']}.truth.json"
    truth = truth_of(call["call_id"])
    truth["tags"] = [tag_line(call["call_id"], t) for t in call["tags"]]
    path.write_text(json.dumps(truth, ensure_ascii=False) + "\n", encoding="utf-8")
    return truth["tags"]


def write_calls(calls: list[dict[str, Any]]) -> None:
    columns = ("call_id", "client_id", "advisor_id", "started_at", "direction", "answered", "duration_s", "recording",
               "advisor_channel")  # fmt: skip
    with (SAMPLE / "calls.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, columns, lineterminator="\n")
        out.writeheader()
        for call in sorted(calls, key=lambda c: c["at"]):
            how = call.get("recording")
            row = {
                "call_id": call["call_id"], "client_id": call["client"], "advisor_id": call["advisor"],
                "started_at": moment(call["at"]).isoformat(), "direction": call.get("direction", "outbound"),
                "answered": "true" if call.get("answered", True) else "false",
                "duration_s": call.get("duration_s", 0),
            }  # fmt: skip
            if how:
                suffix = "mp3" if how["format"] == "mp3" else "wav"
                row["recording"] = f"recordings/{call['call_id']}.{suffix}"
                row["duration_s"] = truth_of(call["call_id"])["duration_s"]
                row["advisor_channel"] = "" if how.get("mono") else how["advisor_channel"]
            out.writerow(row)


def call_conversations(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The true words of the recorded calls, as spec/tags.md has a conversation."""
    return [
        {
            "conversation_id": call["call_id"],
            "channel": "phone",
            "client_id": call["client"],
            "advisor_id": call["advisor"],
            "started_at": moment(call["at"]).isoformat(),
            "turns": truth_of(call["call_id"])["turns"],
        }
        for call in calls
        if call.get("recording")
    ]


def chat_conversation(chat: Chat, own: dict[str, str]) -> dict[str, Any] | None:
    """A chat with its true turns, for the labels' checker; None for a chat that is nobody's."""
    wrote = [t["who"] for t in chat.turns if t["who"] in own]
    client = chat.client_id if chat.client_id in own else (wrote[0] if wrote else None)
    if client is None or not chat.written:
        return None
    turns = [{k: t[k] for k in ("turn", "speaker", "start", "text")} for t in chat.turns]
    return {"conversation_id": chat.conversation_id, "channel": "wecom", "client_id": client,
            "advisor_id": chat.advisor_id or own[client], "started_at": chat.started_at.isoformat(), "turns": turns,
            "tags": [tag_line(chat.conversation_id, t) for t in chat.tags]}  # fmt: skip


def expected_leads(conversations: dict[str, dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
    """leads.yaml with its moments worked out from the turns."""
    out = []
    for lead in load("leads"):
        name, turn = lead["opened"]
        talk = conversations[names.get(name, name)]
        opened = datetime.fromisoformat(talk["started_at"]) + timedelta(seconds=talk["turns"][turn]["start"])
        first = lead["first_on_topic"]
        out.append({
            "client_id": lead["client"], "tag": lead["tag"], "discriminator": lead["disc"],
            "opened_at": opened.isoformat(timespec="milliseconds"), "opened_in": talk["conversation_id"],
            "opened_turn": turn, "due_at": moment(lead["due"]).isoformat(), "status": lead["status"],
            "outcome": lead["outcome"], "in_window": lead["in_window"],
            "first_on_topic_at": first and moment(first).isoformat(), "why": lead["why"],
        })  # fmt: skip
    return sorted(out, key=lambda r: (r["client_id"], r["opened_at"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", type=Path, help="write all conversations with their tags to this file")
    arguments = parser.parse_args()
    for name in COPIED:
        shutil.copyfile(HERE / "story" / name, SAMPLE / name)
    with (SAMPLE / "clients.csv").open(encoding="utf-8", newline="") as file:
        clients = list(csv.DictReader(file))
    with (SAMPLE / "advisors.csv").open(encoding="utf-8", newline="") as file:
        userids = {r["advisor_id"]: r["wecom_userid"] for r in csv.DictReader(file)}
    userids |= {r["client_id"]: r["wecom_userid"] for r in clients if r["wecom_userid"]}
    own = {r["client_id"]: r["advisor_id"] for r in clients}

    calls = load("calls")
    write_calls(calls)
    voices = (SAMPLE / "truth" / "voice_messages.jsonl").read_text(encoding="utf-8").splitlines()
    archive = Archive(userids, {v["id"]: v for v in map(json.loads, voices)})
    for block in load("chats"):
        archive.add(block)
    archive.check()
    (SAMPLE / "wecom.jsonl").write_bytes("".join(line + "\n" for line in archive.lines()).encode())

    spoken = call_conversations(calls)
    tags = {c["call_id"]: write_truth_tags(c) for c in calls if c.get("recording")}
    written = [c for c in (chat_conversation(chat, own) for chat in archive.chats) if c]
    talks = sorted([{**c, "tags": tags[c["conversation_id"]]} for c in spoken] + written, key=lambda c: c["started_at"])
    write_jsonl("truth/transcripts.jsonl", spoken)
    write_jsonl("truth/tags.jsonl", (t for c in talks for t in c["tags"]))
    write_jsonl("truth/wecom.jsonl", ({k: c[k] for k in c if k != "tags"} for c in written))
    names = {chat.name: chat.conversation_id for chat in archive.chats}
    write_jsonl("truth/leads.jsonl", expected_leads({c["conversation_id"]: c for c in talks}, names))
    if arguments.check:
        arguments.check.write_text("".join(json.dumps(c, ensure_ascii=False) + "\n" for c in talks), encoding="utf-8")


if __name__ == "__main__":
    main()
