"""The trained network as the files that are shipped: int8 ONNX, tokenizer, model card. Needs torch and onnx."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huiyin.pipeline.train.graph import build
from huiyin.taggers.learned.model import version_of

NETWORK, TOKENIZER, CARD = "model.onnx", "tokenizer.json", "model_card.md"


def save(model: Any, tokenizer: Any, folder: Path, *, card: Mapping[str, str]) -> str:
    """Writes the three files to `folder` and returns the version. `card` holds the texts of the model card."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.float().cpu().numpy() for name, value in model.state_dict().items()}
    config = model.bert.config
    network = build(state, heads=config.num_attention_heads, epsilon=config.layer_norm_eps)
    (folder / NETWORK).write_bytes(network)
    (folder / TOKENIZER).write_text(tokenizer.to_str(pretty=False), encoding="utf-8")
    version = version_of(network, (folder / TOKENIZER).read_bytes())
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
