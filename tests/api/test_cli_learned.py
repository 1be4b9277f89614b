"""HUIYIN_TAGGER_MODEL: the shipped model, none, or a firm's own."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from huiyin.api.cli.learned import SWITCH, learned_model
from huiyin.domain.errors import InputError
from huiyin.taggers.learned.model import shipped


def test_unset_it_is_the_shipped_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SWITCH, raising=False)
    assert learned_model() is shipped()
    monkeypatch.setenv(SWITCH, "  ")
    assert learned_model() is shipped()


@pytest.mark.parametrize("word", ["off", "OFF"])
def test_off_the_rules_speak_alone(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv(SWITCH, word)
    assert learned_model() is None


def test_a_folder_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, str(files("huiyin.taggers.learned") / "weights"))
    own, ours = learned_model(), shipped()
    assert own is not None
    assert ours is not None
    assert own is not ours
    assert own.version == ours.version


def test_a_folder_without_a_model_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(SWITCH, str(tmp_path))
    with pytest.raises(InputError, match=r"HUIYIN_TAGGER_MODEL=.*no model there.*'off'"):
        learned_model()
