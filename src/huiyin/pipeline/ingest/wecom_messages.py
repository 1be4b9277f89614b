"""One decrypted record of the WeCom archive into a message, tolerant of what exports do to it (domain-facts A.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from huiyin.domain.record import SHANGHAI
from huiyin.pipeline.ingest import fields
from huiyin.pipeline.ingest.wecom_render import as_json, milliseconds, whole_number
from huiyin.pipeline.ingest.wecom_types import ALIASES, MESSAGE_TYPES

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadRecordError(Exception):
    """Why a record is no message, and in which field."""

    def __init__(self, column: str, message: str, value: object = None) -> None:
        super().__init__(message)
        self.column = column
        self.value = None if value is None else str(value)


@dataclass(frozen=True, kw_only=True)
class Message:
    """A record, made regular. `at` is when it was sent; `line` and `raw` where it stood."""

    line: int
    raw: str = field(repr=False, compare=False)
    msgid: str
    sequence: int
    action: str
    sender: str
    receivers: tuple[str, ...]
    roomid: str
    at: datetime
    msgtype: str
    payload: Mapping[str, Any]
    recalled: bool = False
    voiceid: str | None = None
    notes: tuple[tuple[str, str, str], ...] = ()  # (column, value, what was assumed): warnings

    @property
    def order(self) -> tuple[datetime, int, str]:
        """Time, then the archive's own sequence, then the id: the order of lines in the file does not matter."""
        return self.at, self.sequence, self.msgid

    @property
    def known(self) -> bool:
        return self.msgtype in MESSAGE_TYPES

    @property
    def system(self) -> bool:
        """Nobody wrote it."""
        return self.known and MESSAGE_TYPES[self.msgtype].system

    @property
    def is_call(self) -> bool:
        return self.known and MESSAGE_TYPES[self.msgtype].call

    @property
    def written(self) -> bool:
        """Somebody wrote or sent it: neither an event of the system nor a call."""
        return not self.system and not self.is_call

    @property
    def recalls(self) -> str | None:
        """The msgid of the message that this one withdraws."""
        found = self.payload.get("pre_msgid") if self.msgtype == "revoke" else None
        return found if isinstance(found, str) and found else None


def parse_message(data: Mapping[str, Any], *, line: int, raw: str) -> Message:
    """The record as a message. Raises BadRecordError that names the field.

    A missing roomid is a direct chat; numbers may be strings, `tolist` one string; `msgtime` may count seconds. A
    `switch` record has `user` and `time` in place of sender and msgtime.
    """
    if "encrypt_chat_msg" in data or "chatdata" in data:
        raise BadRecordError("encrypt_chat_msg", "is still encrypted; decrypt the archive with the vendor's SDK first")
    msgid = _text(data.get("msgid"))
    if not msgid:
        raise BadRecordError("msgid", "required value is missing", data.get("msgid"))
    action = (_text(data.get("action")) or "send").lower()
    msgtype = "switch" if action == "switch" else _msgtype(data, action)
    notes: list[tuple[str, str, str]] = []
    at = _moment(data, msgid, notes)
    sender = _text(data.get("user") if action == "switch" else data.get("from"))
    receivers = tuple(dict.fromkeys(_ids(data.get("tolist"))))
    roomid = _text(data.get("roomid"))
    if not sender:
        raise BadRecordError("from", "required value is missing", data.get("from"))
    if not receivers and not roomid and action != "switch":
        raise BadRecordError("tolist", "names nobody, and there is no roomid", data.get("tolist"))
    return Message(
        line=line, raw=raw, msgid=msgid, sequence=whole_number(data.get("seq")) or 0, action=action, sender=sender,
        receivers=receivers, roomid=roomid, at=at, msgtype=msgtype, payload=_payload(data, msgtype),
        recalled=any(_true(data.get(k)) for k in ("is_revoke", "is_recalled")),
        voiceid=_text(data.get("voiceid")) or None, notes=tuple(notes),
    )  # fmt: skip


def _msgtype(data: Mapping[str, Any], action: str) -> str:
    found = _text(data.get("msgtype")).lower()
    if action == "recall" and found in ("", "recall"):
        return "revoke"
    if not found:
        raise BadRecordError("msgtype", "required value is missing", data.get("msgtype"))
    return ALIASES.get(found, found)


def _payload(data: Mapping[str, Any], msgtype: str) -> Mapping[str, Any]:
    """The body: under the documented key, else under the name of the type or `info`; empty where there is none."""
    kind = MESSAGE_TYPES.get(msgtype)
    for key in (*(kind.keys if kind else ()), msgtype, "info"):
        body = as_json(data.get(key))
        if isinstance(body, Mapping):
            return body
        if isinstance(body, str) and body.strip() and kind is not None and key == msgtype:
            return {kind.fields[0]: body} if kind.fields else {}
    return {}


def _moment(data: Mapping[str, Any], msgid: str, notes: list[tuple[str, str, str]]) -> datetime:
    """When: `msgtime` (or `time`), else the time stamp that the archive builds into the id (domain-facts A.2)."""
    given = data.get("msgtime") if data.get("msgtime") is not None else data.get("time")
    ms = milliseconds(given)
    if ms is None and isinstance(given, str):
        try:
            return fields.moment(given.strip())
        except ValueError:
            pass
    if ms is None:
        stamp = re.fullmatch(r"[^_]+_(\d{13})(_.*)?", msgid, re.ASCII | re.DOTALL)
        ms = milliseconds(stamp[1]) if stamp else None
        if ms is None:
            message = "is no time; want milliseconds since 1970" if given is not None else "required value is missing"
            raise BadRecordError("msgtime", message, given)
        notes.append(("msgtime", "" if given is None else str(given), "is no time; the one in its msgid is taken"))
    return (_EPOCH + timedelta(milliseconds=ms)).astimezone(SHANGHAI)


def _ids(value: object) -> Iterator[str]:
    """The receivers: a list, a JSON list in a string, or a string of one or several ids."""
    unpacked = as_json(value)
    if isinstance(unpacked, str):
        yield from (p for p in re.split(r"[,;|\s]+", unpacked) if p)
    elif isinstance(unpacked, list):
        yield from (t for part in unpacked if (t := _text(part)))
    elif (text := _text(unpacked)) and not isinstance(unpacked, Mapping):
        yield text


def _text(value: object) -> str:
    """An id, which may be a number (staff numbers); empty for anything else."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _true(value: object) -> bool:
    return value is True or value == 1 or (isinstance(value, str) and value.strip().lower() in ("true", "1"))
