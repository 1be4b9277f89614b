"""Weights as 8-bit integers: how near they stay to what they were."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from huiyin.pipeline.train.export import card_text
from huiyin.pipeline.train.graph import quantise


@given(hnp.arrays(np.float32, (3, 8), elements=st.floats(-100, 100, width=32)))
def test_no_weight_moves_by_more_than_half_a_step(rows: np.ndarray) -> None:
    whole, scale = quantise(rows)
    assert whole.dtype == np.int8
    assert np.all(np.abs(whole * scale[:, None] - rows) <= scale[:, None] * 0.51 + 1e-6)


def test_a_row_of_zeros_stays_zero() -> None:
    whole, scale = quantise(np.zeros((1, 4), dtype=np.float32))
    assert not whole.any()
    assert scale[0] > 0


def test_the_largest_weight_of_each_row_is_the_largest_integer() -> None:
    whole, _ = quantise(np.array([[0.1, -0.2], [30.0, 1.0]], dtype=np.float32))
    assert whole.tolist() == [[64, -127], [127, 4]]


def test_a_card_says_what_it_was_given_and_no_more() -> None:
    text = card_text(version="abc", size=12.34, card={"What it scores": "0.5", "Unknown": "x"})
    assert "`abc` (12.3 MB" in text
    assert "## What it scores\n\n0.5" in text
    assert "Unknown" not in text
