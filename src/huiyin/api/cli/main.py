"""The `huiyin` command. Every command ends in a documented exit code (docs/cli.md)."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

import typer

from huiyin import __version__
from huiyin.api.cli import audit_cmd, db, doctor, eval_cmd, retag_cmd, review_cmd, run_cmd, serve, show, words
from huiyin.api.cli.exit_codes import Exit, exit_code
from huiyin.api.cli.screen import err
from huiyin.domain.errors import HuiyinError

app = typer.Typer(
    name="huiyin",
    help="回音 Huiyin: hears what clients say on calls and in WeCom, tags it with proof, and audits the follow-up.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(show_it: bool) -> None:
    if show_it:
        typer.echo(f"huiyin {__version__}")
        raise typer.Exit(0)


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version"),
) -> None:
    pass


run_cmd.register(app)
words.register(app)
audit_cmd.register(app)
review_cmd.register(app)
retag_cmd.register(app)
eval_cmd.register(app)
show.register(app)
serve.register(app)
db.register(app)
doctor.register(app)


class Interrupted(BaseException):
    """Ctrl-C. Not KeyboardInterrupt: the command framework would swallow that with a message of its own."""


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise Interrupted


def main() -> None:
    """Entry point: turns errors raised on purpose into one clear line and their exit code."""
    signal.signal(signal.SIGINT, _interrupted)
    try:
        app(standalone_mode=True)
    except HuiyinError as error:
        err.print(f"huiyin: {error}", style="red", markup=False)
        sys.exit(exit_code(error))
    except (Interrupted, KeyboardInterrupt):
        err.print("\nhuiyin: 已中断；已完成的部分已保存，再次运行会从中断处继续。", markup=False)
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError:
        # the reader (`| head`) has gone: nothing is wrong, and Python must not complain at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.OK)


if __name__ == "__main__":
    main()
