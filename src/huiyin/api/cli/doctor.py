"""`huiyin doctor`: what is installed, which weights, which database, what is missing and how to get it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import typer

from huiyin import __version__
from huiyin.api.cli import options
from huiyin.api.cli.exit_codes import Exit
from huiyin.api.cli.large import large_settings
from huiyin.api.cli.learned import learned_model
from huiyin.api.cli.screen import out as screen
from huiyin.api.cli.screen import print_json
from huiyin.domain.errors import HuiyinError
from huiyin.lexicon import version as lexicon_version
from huiyin.pipeline.llm.client import HttpLargeModel
from huiyin.pipeline.llm.probe import probe_prompt
from huiyin.pipeline.reference import load_calendar
from huiyin.pipeline.transcribe.weights import cache_root, resolve_weights

PACKAGES = ("faster-whisper", "ctranslate2", "av", "spacy", "jieba", "chinesecalendar", "sqlmodel", "fastapi")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `how` says what to do where it is not well."""

    name: str
    ok: bool
    found: str
    how: str = ""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="doctor", help="What is installed, which weights and database, what is missing")(doctor)


def doctor(
    db: options.Db = options.DEFAULT_DB,
    model: options.Model = None,
    llm: options.Llm = None,
    llm_model: options.LlmModel = None,
    as_json: options.Json = False,
) -> None:
    """Looks at everything that a run needs; exit code 4 where something is missing."""
    checks = [
        Check("huiyin", True, __version__),
        Check("Python", sys.version_info >= (3, 11), platform.python_version(), "Python 3.11 or newer is needed"),
        *(_package(name) for name in PACKAGES),
        _told("weights", lambda: _weights(model)),
        _told("lexicons", lexicon_version),
        _told("learned tagger", _learned),
        _told("trading days", _calendar),
        _told("database", lambda: _database(db)),
        _told("large model", lambda: _large(llm, llm_model)),
        Check("cache", True, str(cache_root())),
    ]
    if as_json:
        print_json([vars(c) for c in checks])
    else:
        for check in checks:
            mark = "[green]✓[/green]" if check.ok else "[red]✗[/red]"
            screen.print(f"{mark} {check.name:16}", end=" ")
            screen.print(check.found + (f"  → {check.how}" if not check.ok and check.how else ""), markup=False)
    if not all(c.ok for c in checks):
        raise typer.Exit(Exit.INCOMPLETE)


def _package(name: str) -> Check:
    try:
        return Check(name, True, version(name))
    except PackageNotFoundError:
        return Check(name, False, "not installed", "make setup")


def _told(name: str, look: Callable[[], Any]) -> Check:
    """The answer of `look`, or its error as what is missing."""
    try:
        return Check(name, True, str(look()))
    except HuiyinError as error:
        return Check(name, False, str(error))


def _weights(model: str | None) -> str:
    weights = resolve_weights(model)
    return f"{weights.name} ({weights.source}): {weights.folder}"


def _learned() -> str:
    model = learned_model()
    return f"version {model.version}" if model is not None else "off: the rules speak alone"


def _calendar() -> str:
    return f"official up to {load_calendar().last_known_year}; due times after it are provisional"


def _database(db: str) -> str:
    from huiyin.store.engine import open_store
    from huiyin.store.queries.runs import counts

    path = db.removeprefix("sqlite:///") if db.startswith("sqlite:///") else None
    if path is not None and not Path(path).is_file():
        return f"{db}: not there yet, the first run makes it"
    with open_store(db) as store:
        found = counts(store)
        return f"{store.location}: {found.clients} clients, {found.conversations} conversations, {found.leads} leads"


PROBE_S = 30.0


def _large(url: str | None, name: str | None) -> str:
    """Asks the large model about two made-up turns, once: no client's words."""
    given = large_settings(url, name, PROBE_S)
    if given is None:
        return "off (--llm is not set; no conversation leaves this machine)"
    model = HttpLargeModel(replace(given, tries=1))
    reply = model.ask(probe_prompt())
    return f"{given.name} at {given.address}: answers in {reply.seconds:.1f} s, as {model.answer_format}"
