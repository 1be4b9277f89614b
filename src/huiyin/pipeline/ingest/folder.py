"""A data folder in: whichever of the files of spec/formats.md are there, read and joined."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from huiyin.domain.conversation import Conversation
from huiyin.domain.crm import Advisor, Call, Client, Event
from huiyin.domain.errors import InputError, MissingFileError
from huiyin.pipeline.ingest.calls import call_conversations, read_calls
from huiyin.pipeline.ingest.crm_files import read_advisors, read_clients, read_events
from huiyin.pipeline.ingest.dataset import ArchiveEvent, Dataset, FileCount, VoiceMessage
from huiyin.pipeline.ingest.issue import Issue, Reject, warning
from huiyin.pipeline.ingest.join import (
    Reference,
    add_transcripts,
    in_order,
    order_issues,
    order_rejects,
    unknown_references,
)
from huiyin.pipeline.ingest.policy_file import read_policy
from huiyin.pipeline.ingest.text import Source, read_source
from huiyin.pipeline.ingest.transcripts import read_transcripts
from huiyin.pipeline.ingest.wecom import read_wecom

FILES: dict[str, str] = {
    "clients.csv": "static client profiles from the CRM",
    "advisors.csv": "advisors, their teams and branches",
    "calls.csv": "call detail records with their recordings",
    "wecom.jsonl": "decrypted WeCom chat-archive records",
    "transcripts.jsonl": "conversations that are text already",
    "events.csv": "what happened to a client after",
    "policy.yaml": "overrides of the follow-up policy",
}
"""Every file that a data folder may hold, in the order in which they are read."""

_OURS = frozenset({"conversations.jsonl", "tags.jsonl", "profiles.jsonl", "leads.jsonl", "rejects.jsonl"})
_DATA_SUFFIXES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".yaml", ".yml", ".xlsx", ".xls"})


def read_folder(path: Path, *, clients: Iterable[Client] = (), advisors: Iterable[Advisor] = ()) -> Dataset:
    """Everything in a data folder. `clients` and `advisors` are those known already (the database's).

    Raises MissingFileError where there is no such folder, InputError where it holds none of the files, and
    PolicyError for a policy.yaml that cannot be read. Any other defect is an issue of the dataset.
    """
    if not path.exists():
        raise MissingFileError(f"{path}: no such folder. Give a folder that holds any of: {', '.join(FILES)}")
    if not path.is_dir():
        raise InputError(f"{path}: is a file, not a folder. Give the folder that holds any of: {', '.join(FILES)}")
    try:
        entries = sorted(path.iterdir(), key=lambda e: e.name)
    except OSError as problem:
        raise InputError(f"{path}: cannot be listed: {problem.strerror}") from None
    by_name = {e.name.lower(): e for e in reversed(entries)}
    found = {kind: by_name[kind] for kind in FILES if kind in by_name}
    if not found:
        here = ", ".join(e.name for e in entries[:8]) or "nothing"
        raise InputError(f"{path}: holds none of the files that are looked for ({', '.join(FILES)}); it holds {here}")
    strange = [e for e in entries if _is_strange(e)]
    return _read(found, root=path, clients=clients, advisors=advisors, strange=strange)


def read_files(paths: Iterable[Path], *, clients: Iterable[Client] = (), advisors: Iterable[Advisor] = ()) -> Dataset:
    """Files given one by one; what each is, its name or else its first lines tell. Raises as `read_folder`."""
    found: dict[str, Path] = {}
    for path in paths:
        if not path.is_file():
            raise MissingFileError(f"{path}: no such file")
        kind = kind_of(path)
        if kind is None:
            raise InputError(f"{path}: neither name nor columns say what it is; name it one of: {', '.join(FILES)}")
        if kind in found:
            raise InputError(f"{path}: {kind} is given already: {found[kind]}")
        found[kind] = path
    if not found:
        raise InputError(f"no file was given; give any of: {', '.join(FILES)}")
    root = Path(os.path.commonpath([_absolute(p).parent for p in found.values()]))
    return _read(found, root=root, clients=clients, advisors=advisors, strange=())


def kind_of(path: Path) -> str | None:
    """Which of FILES a file is: by its name, else by its columns or the keys of its first line."""
    if path.name.lower() in FILES:
        return path.name.lower()
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return "policy.yaml"
    source, _ = read_source(path)
    first = source.lines[0] if source is not None and source.lines else ""
    if suffix == ".csv":
        names = {n.strip().strip('"').lower() for n in first.split(",")}
        for key in ("call_id", "event_id", "client_id", "advisor_id"):
            if key in names:
                return f"{key.removesuffix('_id')}s.csv"
    if suffix in (".jsonl", ".ndjson", ".json"):
        try:
            data = json.loads(first, strict=False)
        except (ValueError, RecursionError):
            return None
        if isinstance(data, dict):
            return "wecom.jsonl" if "msgid" in data else "transcripts.jsonl" if "turns" in data else None
    return None


@dataclass(kw_only=True)
class _Gathered:
    """What has been read so far."""

    root: Path
    clients: tuple[Client, ...] = ()
    advisors: tuple[Advisor, ...] = ()
    calls: tuple[Call, ...] = ()
    events: tuple[Event, ...] = ()
    conversations: dict[str, Conversation] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    voice_messages: tuple[VoiceMessage, ...] = ()
    archive_events: tuple[ArchiveEvent, ...] = ()
    issues: list[Issue] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    files: list[FileCount] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)


def _read(
    found: Mapping[str, Path], *, root: Path, clients: Iterable[Client], advisors: Iterable[Advisor],
    strange: Iterable[Path],
) -> Dataset:  # fmt: skip
    known_clients, known_advisors = tuple(clients), tuple(advisors)
    got = _Gathered(root=_absolute(root))
    policy = found.get("policy.yaml")
    if policy is not None:
        got.policy = read_policy(policy)
        got.files.append(
            FileCount(file=policy.name, kind="policy.yaml", rows=len(got.policy), accepted=len(got.policy))
        )
    for kind in FILES:
        if kind not in found or kind == "policy.yaml":
            continue
        source, issues = read_source(_absolute(found[kind]))
        got.issues += issues
        if source is None:
            got.files.append(FileCount(file=found[kind].name, kind=kind))
            continue
        _take(kind, source, got, known_clients, known_advisors)
    got.issues += unknown_references(got.references, known=_known_ids(got, known_clients, known_advisors))
    for path in strange:
        message = f"not read: not one of the files that are looked for ({', '.join(FILES)})"
        got.issues.append(warning(path.name, message))
    names = [f.file for f in got.files]
    return Dataset(
        root=str(got.root), clients=got.clients, advisors=got.advisors, calls=got.calls, events=got.events,
        conversations=in_order(got.conversations.values()), policy=got.policy,
        voice_messages=got.voice_messages, archive_events=got.archive_events,
        issues=order_issues(got.issues, names), rejects=order_rejects(got.rejects, names), files=tuple(got.files),
    )  # fmt: skip


def _take(
    kind: str, source: Source, got: _Gathered, clients: tuple[Client, ...], advisors: tuple[Advisor, ...]
) -> None:
    """Reads one file into `got`."""
    loaded: Any
    if kind == "clients.csv":
        loaded = read_clients(source)
        got.clients = tuple(loaded.records)
    elif kind == "advisors.csv":
        loaded = read_advisors(source)
        got.advisors = tuple(loaded.records)
    elif kind == "events.csv":
        loaded = read_events(source)
        got.events = tuple(loaded.records)
    elif kind == "calls.csv":
        loaded = read_calls(source)
        got.calls = tuple(loaded.records)
        talks = call_conversations(source, loaded, root=got.root)
        got.conversations |= {c.conversation_id: c for c in talks}
    elif kind == "wecom.jsonl":
        loaded = read_wecom(
            source, root=got.root, clients=(*got.clients, *clients), advisors=(*got.advisors, *advisors)
        )
        got.conversations |= {c.conversation_id: c for c in loaded.conversations}
        got.voice_messages, got.archive_events = tuple(loaded.voice_messages), tuple(loaded.archive_events)
    else:
        loaded = read_transcripts(source)
        got.conversations = add_transcripts(got.conversations, source, loaded)
    got.references += _references(kind, source.name, loaded)
    got.issues += loaded.issues
    got.rejects += loaded.rejects
    rejected = len({r.line for r in loaded.rejects})
    got.files.append(
        FileCount(file=source.name, kind=kind, encoding=source.encoding, rows=loaded.rows,
                  accepted=loaded.rows - rejected, rejected=rejected)
    )  # fmt: skip


def _references(kind: str, name: str, loaded: Any) -> Iterator[Reference]:
    """The ids in a file that should name clients and advisors of the other files."""
    if kind == "wecom.jsonl":
        return  # its users are looked up while it is read
    records = loaded.conversations if kind == "transcripts.jsonl" else loaded.records
    for record, line in zip(records, loaded.lines, strict=True):
        if kind not in ("clients.csv", "advisors.csv"):
            yield Reference(name, line, "client_id", record.client_id)
        if kind != "advisors.csv":
            yield Reference(name, line, "advisor_id", record.advisor_id)


def _known_ids(got: _Gathered, clients: tuple[Client, ...], advisors: tuple[Advisor, ...]) -> dict[str, frozenset[str]]:
    """The ids that there are, for each column that there is something to check against."""
    out: dict[str, frozenset[str]] = {}
    if got.clients or clients:
        out["client_id"] = frozenset(c.client_id for c in (*got.clients, *clients))
    if got.advisors or advisors:
        out["advisor_id"] = frozenset(a.advisor_id for a in (*got.advisors, *advisors))
    return out


def _is_strange(path: Path) -> bool:
    name = path.name.lower()
    return name not in FILES and name not in _OURS and path.suffix.lower() in _DATA_SUFFIXES and path.is_file()


def _absolute(path: Path) -> Path:
    """Absolute and without `..`, links left as they are (a linked recordings folder is a normal set-up)."""
    return Path(os.path.abspath(path))  # noqa: PTH100
