"""What is wrong with a file, a line or a value, and the lines that were kept out (spec/formats.md)."""

from __future__ import annotations

from enum import StrEnum

from huiyin.domain.record import Record

_LONGEST_SHOWN = 80


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class RejectState(StrEnum):
    """Why a line is in the rejects file."""

    REJECTED = "rejected"  # an error keeps it out
    UNASSIGNED = "unassigned"  # well formed, but nobody's: no client of ours can be named


class Issue(Record):
    """One defect. `line` is the physical line in the file, from 1; `value` is the value as it stood there."""

    severity: Severity
    file: str
    line: int | None = None
    column: str | None = None
    value: str | None = None
    message: str

    def render(self) -> str:
        """The issue as one line for people: `error: calls.csv:7: started_at: "昨天" is not a time …`."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        parts = [f"{self.severity.value}: {where}:"]
        if self.column is not None:
            parts.append(f"{shown(self.column)}:")
        if self.value is not None:
            parts.append(f'"{shown(self.value)}":')
        parts.append(one_line(self.message))
        return " ".join(parts)


class Reject(Record):
    """A line that did not go in: the text as it came, and why. Written to the rejects file, never lost."""

    file: str
    line: int
    raw: str
    state: RejectState = RejectState.REJECTED
    issues: tuple[Issue, ...] = ()


def error(
    file: str, message: str, *, line: int | None = None, column: str | None = None, value: str | None = None
) -> Issue:
    return Issue(severity=Severity.ERROR, file=file, line=line, column=column, value=value, message=message)


def warning(
    file: str, message: str, *, line: int | None = None, column: str | None = None, value: str | None = None
) -> Issue:
    return Issue(severity=Severity.WARNING, file=file, line=line, column=column, value=value, message=message)


def printable(text: str) -> str:
    """The text with undecodable bytes written as \\xNN, so that it can be printed and stored."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def one_line(text: str) -> str:
    """The text on one line: control characters and line ends as escapes."""
    return "".join(c if c.isprintable() or c == " " else c.encode("unicode_escape").decode() for c in text)


def shown(value: str) -> str:
    """A value, fit for a message: on one line and not longer than a person reads."""
    text = one_line(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
