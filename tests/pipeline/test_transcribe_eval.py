"""evals/asr.py: numbers as they are spoken, and an error rate that agrees with jiwer's."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein


def _load() -> Any:
    path = Path(__file__).parents[2] / "evals" / "asr.py"
    spec = importlib.util.spec_from_file_location("huiyin_evals_asr", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


asr = _load()


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("30万", "三十万"), ("2个月", "两个月"), ("3.5%", "百分之三点五"), ("688开头", "六八八开头"),
        ("600519", "六零零五一九"), ("2026年", "二零二六年"), ("10,000元", "一万元"), ("105", "一百零五"),
        ("1005", "一千零五"), ("10", "十"), ("0", "零"), ("12050", "一万二千零五十"), ("万1.5", "万一点五"),
        ("第2", "第二"), ("ETF，好。", "etf好"), ("開戶", "开户"),
    ],
)  # fmt: skip
def test_numbers_are_spelled(written: str, spoken: str) -> None:
    assert asr.plain(written) == spoken


@given(
    st.text(alphabet="投顾客户您好三十万", min_size=1, max_size=30), st.text(alphabet="投顾客户您好三十万", max_size=30)
)
def test_the_error_rate_is_that_of_jiwer(reference: str, heard: str) -> None:
    assert Levenshtein.distance(reference, heard) / len(reference) == pytest.approx(jiwer.cer(reference, heard))
