"""Bytes into text: UTF-8 with or without BOM, GB18030, any line ends (spec/formats.md, first paragraph).

A byte that fits neither encoding spoils its own line, not the file: it is carried as a lone surrogate
(PEP 383), and the readers reject the line that holds one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from huiyin.pipeline.ingest.issue import Issue, error, printable

BAD_BYTE = re.compile("[\udc80-\udcff]")
_TOLERATED_UTF8 = 0.5  # undecodable bytes for each three-byte character: GB18030 text read as UTF-8 has some 20
_TOLERATED_GB18030 = 0.2  # undecodable bytes for each non-ASCII character: noise has more
_SIGNATURES = (
    (b"PK\x03\x04", "it is an Excel workbook or a ZIP archive: save it as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "it is an old Excel workbook: save it as CSV UTF-8"),
    (b"\xff\xfe", "it is UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "it is UTF-16: save it as UTF-8"),
    (b"\x1f\x8b", "it is compressed with gzip: unpack it first"),
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file as text. `lines[i]` is physical line i + 1, with its line end; `name` is how issues call the file."""

    name: str
    folder: Path
    encoding: str
    lines: tuple[str, ...]
    starts: tuple[int, ...]
    """Byte offset of each line in the file."""


def read_source(path: Path, *, name: str | None = None) -> tuple[Source | None, tuple[Issue, ...]]:
    """The file as text, or None and the issue that says why it cannot be read."""
    called = name or path.name
    try:
        data = path.read_bytes()
    except OSError as problem:
        return None, (error(called, f"cannot be read: {problem.strerror or problem}; the file is left out"),)
    return decode_source(data, name=called, folder=path.parent)


def decode_source(data: bytes, *, name: str, folder: Path) -> tuple[Source | None, tuple[Issue, ...]]:
    """Like `read_source`, for bytes that are already here."""
    for signature, advice in _SIGNATURES:
        if data.startswith(signature):
            return None, (error(name, f"byte 0: neither UTF-8 nor GB18030: {advice}; the file is left out"),)
    text, encoding, offset = _decode(data)
    if text is None:
        where = f"byte {offset} (0x{data[offset]:02x})"
        return None, (error(name, f"{where}: neither UTF-8 nor GB18030; save it as UTF-8; the file is left out"),)
    position = 3 if encoding == "utf-8-sig" else 0
    if text.startswith("\ufeff"):  # GB18030 has a BOM too
        text, position = text[1:], position + len("\ufeff".encode(_codec(encoding)))
    lines = _physical_lines(text)
    # NUL cannot be stored by PostgreSQL; a replacement of the same length keeps offsets.
    safe = tuple(line.replace("\0", "\ufffd") for line in lines)
    starts: list[int] = []
    for line in lines:
        starts.append(position)
        position += len(line.encode(_codec(encoding), "surrogateescape"))
    return Source(name=name, folder=folder, encoding=encoding, lines=safe, starts=tuple(starts)), ()


def bad_bytes(source: Source, first: int, raw: str) -> Issue | None:
    """The error about the first undecodable byte of `raw`, which begins on line `first`; None if all decode."""
    found = BAD_BYTE.search(raw)
    if found is None:
        return None
    line = first + raw.count("\n", 0, found.start())
    codec = _codec(source.encoding)
    offset = source.starts[first - 1] + len(raw[: found.start()].encode(codec, "surrogateescape"))
    byte = ord(found[0]) - 0xDC00
    message = f"byte {offset} (0x{byte:02x}) is not {codec.upper()}; the line is left out"
    return error(source.name, message, line=line, value=printable(found[0]))


def _codec(encoding: str) -> str:
    """The encoding without its BOM."""
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _decode(data: bytes) -> tuple[str | None, str, int]:
    """(text, encoding, 0), or (None, "", offset of the first byte that is no UTF-8).

    A lone surrogate stands for each byte that fits neither.
    """
    encoding = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        return data.decode(encoding), encoding, 0
    except UnicodeDecodeError as problem:
        offset = problem.start + (3 if encoding == "utf-8-sig" else 0)
    as_utf8 = data.decode(encoding, "surrogateescape")
    bad = len(BAD_BYTE.findall(as_utf8))
    # Damaged UTF-8 often decodes as GB18030, to nonsense. GB18030 text read as UTF-8 is almost all bad bytes.
    if encoding == "utf-8-sig" or bad <= _TOLERATED_UTF8 * _count_from("\u0800", as_utf8):
        return as_utf8, encoding, 0
    as_gb = data.decode("gb18030", "surrogateescape")
    bad = len(BAD_BYTE.findall(as_gb))
    if bad <= _TOLERATED_GB18030 * _count_from("\u0080", as_gb):
        return as_gb, "gb18030", 0
    return None, "", offset


def _count_from(low: str, text: str) -> int:
    """How many characters lie at or above `low`, undecodable bytes not counted."""
    return sum(c >= low and not "\ud800" <= c <= "\udfff" for c in text)


def _physical_lines(text: str) -> list[str]:
    """The lines with their ends. `str.splitlines` would also cut at form feeds and U+2028 inside a value."""
    if "\n" not in text and "\r" in text:  # classic Mac line ends
        text = text.replace("\r", "\n")
    return re.findall(r"[^\n]*\n|[^\n]+", text)
