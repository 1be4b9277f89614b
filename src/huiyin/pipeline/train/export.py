"""The trained network as the files that are shipped: int8 ONNX, tokenizer, model card. Needs torch and onnx."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huiyin.taggers.learned.model import version_of

NETWORK, TOKENIZER, CARD = "model.onnx", "tokenizer.json", "model_card.md"


def to_onnx(model: Any, path: Path) -> None:
    """The network for one window without padding: `ids` [1, tokens] to `scores` [1, tokens, WIDTH], as float32."""
    import torch

    class OneWindow(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: Any) -> Any:
            return self.model(ids)

    torch.onnx.export(
        OneWindow().eval(), (torch.ones((1, 64), dtype=torch.int64),), str(path), dynamo=False, opset_version=17,
        input_names=["ids"], output_names=["scores"], dynamic_axes={"ids": {1: "tokens"}, "scores": {1: "tokens"}},
    )  # fmt: skip


def quantised(source: Path, target: Path) -> None:
    """The weights as 8-bit integers, a scale for each output; activations are scaled as they come."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(str(source), str(target), per_channel=True, weight_type=QuantType.QInt8)


def save(model: Any, tokenizer: Any, folder: Path, *, card: Mapping[str, str]) -> str:
    """Writes the three files to `folder` and returns the version. `card` holds the texts of the model card."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        to_onnx(model, whole)
        quantised(whole, folder / NETWORK)
    (folder / TOKENIZER).write_text(tokenizer.to_str(pretty=False), encoding="utf-8")
    version = version_of((folder / NETWORK).read_bytes(), (folder / TOKENIZER).read_bytes())
    size = sum((folder / name).stat().st_size for name in (NETWORK, TOKENIZER)) / 1e6
    (folder / CARD).write_text(card_text(version=version, size=size, card=card), encoding="utf-8")
    return version


def card_text(*, version: str, size: float, card: Mapping[str, str]) -> str:
    """The model card: what the network is, where it comes from, what it was taught on, what it scores."""
    parts = [
        "# Model card: the learned tagger",
        f"Version `{version}` ({size:.1f} MB: `model.onnx`, int8, and `tokenizer.json`).",
    ]
    for title in ("What it is", "Where it comes from", "What it was trained on", "What it scores", "Limits"):
        if title in card:
            parts += [f"## {title}", card[title]]
    return "\n\n".join(parts) + "\n"
