"""Exit codes of `huiyin` (docs/cli.md): one for each thing that an operator would do next."""

from __future__ import annotations

from enum import IntEnum

from huiyin.domain.errors import (
    AudioError,
    HuiyinError,
    InputError,
    NotFoundError,
    RecognizerError,
    StoreError,
)


class Exit(IntEnum):
    OK = 0
    UNEXPECTED = 1  # a defect of Huiyin: report it
    USAGE = 2  # the command itself is wrong
    BAD_INPUT = 3  # nothing could be done with what was given
    INCOMPLETE = 4  # done, but with rejected rows or failed recordings; only with --strict
    NO_RECOGNIZER = 5  # no weights, or they cannot be loaded
    DATABASE = 6
    NOT_FOUND = 7
    INTERRUPTED = 130  # Ctrl-C; a re-run goes on from there


def exit_code(error: HuiyinError) -> Exit:
    """The exit code of an error raised on purpose."""
    for kind, code in (
        (InputError, Exit.BAD_INPUT),
        (AudioError, Exit.BAD_INPUT),
        (RecognizerError, Exit.NO_RECOGNIZER),
        (StoreError, Exit.DATABASE),
        (NotFoundError, Exit.NOT_FOUND),
    ):
        if isinstance(error, kind):
            return code
    return Exit.UNEXPECTED
