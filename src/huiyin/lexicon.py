"""Reads `lexicons/`: data only, one YAML file a subject, versioned by the hash of its content.

It stands beside `domain` and below `taggers`: whoever needs words or figures as data asks here.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from huiyin.domain.errors import LexiconError

_ROOT = files("huiyin") / "lexicons"


@cache
def load(name: str) -> Any:
    """The parsed content of `lexicons/<name>.yaml`; `name` may hold a folder ("context/negation").

    The result is shared: treat it as read-only. Raises LexiconError that names the file.
    """
    resource = _ROOT / f"{name}.yaml"
    try:
        return yaml.load(resource.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except FileNotFoundError:
        raise LexiconError(f"lexicons/{name}.yaml is not there") from None
    except yaml.YAMLError as error:
        raise LexiconError(f"lexicons/{name}.yaml is no valid YAML: {error}") from error


@cache
def version() -> str:
    """The first 12 hex digits of the SHA-256 over names and bytes of all lexicon files, in name order."""
    digest = hashlib.sha256()

    def walk(folder: Any, prefix: str) -> None:
        for entry in sorted(folder.iterdir(), key=lambda e: e.name):
            if entry.is_dir():
                walk(entry, f"{prefix}{entry.name}/")
            elif entry.name.endswith(".yaml"):
                digest.update(f"{prefix}{entry.name}\0".encode())
                digest.update(entry.read_bytes())

    walk(_ROOT, "")
    return digest.hexdigest()[:12]
