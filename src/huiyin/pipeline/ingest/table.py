"""CSV into records: columns declared as data, every defect an issue that names line, column and value."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import ValidationError

from huiyin.domain.record import Record
from huiyin.pipeline.ingest.fields import Parser, words
from huiyin.pipeline.ingest.issue import Issue, Reject, Severity, error, printable, warning
from huiyin.pipeline.ingest.text import Source, bad_bytes

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column. `empty` is the value of an empty cell where the column is there (None: the field is left out)."""

    name: str
    parse: Parser = words
    required: bool = False
    empty: object = None


@dataclass(frozen=True, kw_only=True)
class Table(Generic[R]):
    """What a CSV file holds. `check` looks at one record and yields its issues as (severity, column, message)."""

    key: str
    record: type[R]
    columns: tuple[Column, ...]
    check: Callable[[R], Iterator[tuple[Severity, str, str]]] | None = None


@dataclass(kw_only=True)
class Loaded(Generic[R]):
    """What came out of one file; `lines[i]` is the line that `records[i]` began on."""

    records: list[R] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rows: int = 0


@dataclass(frozen=True)
class _Row:
    line: int
    raw: str
    cells: tuple[str, ...]
    problem: str | None = None


def read_table(source: Source, table: Table[R]) -> Loaded[R]:
    """The records of the file. A bad line is rejected with its issues; the others go in."""
    out: Loaded[R] = Loaded()
    rows = _rows(source)
    header = next(rows, None)
    if header is None:
        out.issues.append(error(source.name, "is empty: no header line", line=1))
        return out
    names = _read_header(source, header, table, out)
    if names is None:
        out.rejects += [_reject(source, row, ()) for row in rows]
        out.rows = len(out.rejects)
        return out
    seen: dict[str, _Seen] = {}
    for row in rows:
        out.rows += 1
        issues, record = _read_row(source, row, names, table)
        if record is not None:
            issues += _repeated(source, row, table, record, seen)
        out.issues += issues
        if record is None or any(i.severity is Severity.ERROR for i in issues):
            out.rejects.append(_reject(source, row, tuple(issues)))
        else:
            out.records.append(record)
            out.lines.append(row.line)
    return out


@dataclass(frozen=True)
class _Seen:
    line: int
    record: Record


def _repeated(source: Source, row: _Row, table: Table[R], record: R, seen: dict[str, _Seen]) -> list[Issue]:
    key = str(getattr(record, table.key))
    first = seen.setdefault(key, _Seen(row.line, record))
    if first.line == row.line:
        return []
    same = "the same record" if first.record == record else "another record"
    message = f"given twice: line {first.line} holds {same} with this id; the first stands"
    return [error(source.name, message, line=row.line, column=table.key, value=key)]


def _rows(source: Source) -> Iterator[_Row]:
    """The rows that are not blank. A row with broken quotes costs one physical line, not the rest of the file."""
    at, count = 0, len(source.lines)
    while at < count:
        base = at
        reader = csv.reader(map(source.lines.__getitem__, range(base, count)), strict=True)
        try:
            for cells in reader:
                end = base + reader.line_num
                if any(c.strip() for c in cells):
                    yield _Row(at + 1, "".join(source.lines[at:end]), tuple(c.strip() for c in cells))
                at = end
        except csv.Error as problem:
            yield _Row(at + 1, source.lines[at], (), f"broken quotes or line ends ({problem}); the line is left out")
            at += 1


def _read_header(source: Source, row: _Row, table: Table[R], out: Loaded[R]) -> tuple[str | None, ...] | None:
    """The known column at each position (None: kept out), or None where a required one is missing."""
    known = {c.name for c in table.columns}
    names: list[str | None] = []
    for position, cell in enumerate(row.cells, 1):
        name = cell.lower()
        if name in names:
            message = f"the header holds this column twice; the one at position {position} is kept out"
            out.issues.append(error(source.name, message, line=row.line, column=name))
        elif name not in known and cell:
            message = f"unknown column, kept out; known are {', '.join(c.name for c in table.columns)}"
            out.issues.append(warning(source.name, message, line=row.line, column=printable(cell)))
        names.append(name if name in known and name not in names else None)
    missing = [c.name for c in table.columns if c.required and c.name not in names]
    for name in missing:
        message = "required column is missing; the file is left out"
        if row.problem is not None:
            message += f": {row.problem}"
        elif len(row.cells) == 1 and any(s in row.raw for s in ";\t"):
            message += ": the columns are not set off by commas"
        out.issues.append(error(source.name, message, line=row.line, column=name))
    return None if missing else tuple(names)


def _read_row(
    source: Source, row: _Row, names: tuple[str | None, ...], table: Table[R]
) -> tuple[list[Issue], R | None]:
    if row.problem is not None:
        return [error(source.name, row.problem, line=row.line)], None
    undecodable = bad_bytes(source, row.line, row.raw)
    if undecodable is not None:
        return [undecodable], None
    if any(row.cells[len(names) :]):
        message = f"{len(row.cells)} values for {len(names)} columns (a comma without quotes?); the line is left out"
        return [error(source.name, message, line=row.line)], None
    issues: list[Issue] = []
    if len(row.cells) < len(names):
        message = f"{len(row.cells)} values for {len(names)} columns; the rest is taken as empty"
        issues.append(warning(source.name, message, line=row.line))
    cells = {n: c for n, c in zip(names, row.cells + ("",) * len(names), strict=False) if n is not None}
    values = _parse(source, row, cells, table, issues)
    if any(i.severity is Severity.ERROR for i in issues):
        return issues, None
    return _build(source, row, cells, values, table, issues)


def _parse(
    source: Source, row: _Row, cells: Mapping[str, str], table: Table[R], issues: list[Issue]
) -> dict[str, object]:
    values: dict[str, object] = {}
    for column in table.columns:
        cell = cells.get(column.name)
        if cell is None:
            continue
        if not cell:
            if column.required:
                issues.append(
                    error(source.name, "required value is missing; the line is left out", line=row.line,
                          column=column.name, value="")
                )  # fmt: skip
            elif column.empty is not None:
                values[column.name] = column.empty
            continue
        try:
            values[column.name] = column.parse(cell)
        except ValueError as problem:
            message = f"{problem}; the line is left out"
            issues.append(error(source.name, message, line=row.line, column=column.name, value=cell))
    return values


def _build(
    source: Source, row: _Row, cells: Mapping[str, str], values: dict[str, object], table: Table[R],
    issues: list[Issue],
) -> tuple[list[Issue], R | None]:  # fmt: skip
    try:
        record = table.record.model_validate(values)
    except ValidationError as problem:
        for found in problem.errors():
            name = str(found["loc"][0]) if found["loc"] else None
            message = f"{found['msg']}; the line is left out"
            issues.append(error(source.name, message, line=row.line, column=name, value=cells.get(name or "")))
        return issues, None
    for severity, name, message in table.check(record) if table.check else ():
        issues.append(
            Issue(severity=severity, file=source.name, line=row.line, column=name, value=cells.get(name, ""),
                  message=message)
        )  # fmt: skip
    return issues, record


def _reject(source: Source, row: _Row, issues: tuple[Issue, ...]) -> Reject:
    return Reject(file=source.name, line=row.line, raw=printable(row.raw.rstrip("\r\n")), issues=issues)
