"""Nothing that is learned or written into a lexicon may lower the frozen table (evals/freeze.py)."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from huiyin.pipeline.evaluate import Score, Scores, regressions

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def freeze() -> ModuleType:
    spec = importlib.util.spec_from_file_location("freeze", ROOT / "evals" / "freeze.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("frozen_table", ["rules", "tagger"])
def test_nothing_falls_behind_the_frozen_scores(freeze: ModuleType, frozen_table: str) -> None:
    assert freeze.fallen(frozen_table) == ()


def table(**types: tuple[int, int, int]) -> Scores:
    scores = {name: Score(hit=h, missed=m, spurious=s) for name, (h, m, s) in types.items()}
    return Scores(types=scores, slots={})


def test_a_fall_of_the_whole_is_told() -> None:
    before = table(family=(80, 20, 20), complaint=(80, 20, 20))
    after = table(family=(78, 22, 22), complaint=(78, 22, 22))
    assert [line.split(":")[0] for line in regressions(before, after)] == ["micro"]


def test_a_fall_of_one_type_is_told_though_the_whole_rises() -> None:
    before = table(family=(10, 0, 0), complaint=(50, 50, 0))
    after = table(family=(8, 2, 0), complaint=(90, 10, 0))
    assert [line.split(":")[0] for line in regressions(before, after)] == ["family"]


def test_a_type_with_few_labels_is_not_held_to_a_figure() -> None:
    before = table(family=(9, 0, 0), complaint=(900, 0, 0))
    assert regressions(before, table(family=(5, 4, 0), complaint=(900, 0, 0))) == ()


def test_small_falls_and_rises_pass() -> None:
    before = table(family=(80, 20, 20), complaint=(80, 20, 20))
    assert regressions(before, table(family=(79, 21, 20), complaint=(80, 20, 20))) == ()
    assert regressions(before, table(family=(100, 0, 0), complaint=(100, 0, 0))) == ()


def test_a_type_that_is_no_longer_found_at_all_is_told() -> None:
    before = table(family=(10, 0, 0), complaint=(1000, 0, 0))
    assert any("family" in line for line in regressions(before, table(family=(0, 10, 0), complaint=(1000, 0, 0))))
