"""Data flows one way, and so do imports (docs/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import huiyin

ROOT = Path(huiyin.__file__).parent
ORDER = ("domain", "lexicon", "taggers", "pipeline", "store", "jobs", "api")
PURE = {"domain": {"huiyin.lexicon"}}
FORBIDDEN_LIBRARIES = {
    "domain": {"spacy", "jieba", "sqlmodel", "sqlalchemy", "fastapi", "typer", "faster_whisper", "av", "yaml"},
    "taggers": {
        "sqlmodel",
        "sqlalchemy",
        "fastapi",
        "typer",
        "faster_whisper",
        "av",
        "http",
        "urllib",
        "socket",
        "requests",
        "httpx",
    },
    "pipeline": {"sqlmodel", "sqlalchemy", "fastapi", "typer"},
    "store": {"fastapi", "typer"},
}


def _layer(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def _imports(path: Path) -> set[str]:
    out: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            out |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.relative_to(ROOT)}: relative imports hide the layer"
            out |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return out


FILES = sorted(p for p in ROOT.rglob("*.py") if p.parent != ROOT or p.name == "lexicon.py")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    layer = path.relative_to(ROOT).parts[0].removesuffix(".py")
    assert layer in ORDER, f"{layer} is no layer of the design"
    for name in _imports(path):
        if name.startswith("huiyin.") and _layer(name) in ORDER:
            assert ORDER.index(_layer(name)) <= ORDER.index(layer), f"{layer} must not import {name}"
            assert name not in PURE.get(layer, set()), f"{layer} must not import {name}"
        library = name.split(".")[0]
        assert library not in FORBIDDEN_LIBRARIES.get(layer, set()), f"{layer} must not know of {library}"


def test_the_domain_has_no_clock() -> None:
    for path in (ROOT / "domain").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for clock in ("datetime.now", "date.today", "time.time", "utcnow"):
            assert clock not in text, f"{path.name}: `as_of` is an argument, never {clock}"


def test_layers_are_all_there() -> None:
    found = {p.relative_to(ROOT).parts[0].removesuffix(".py") for p in FILES}
    assert {"domain", "taggers", "pipeline", "store", "api"} <= found
