"""`huiyin serve`: the pages and the JSON API, on this machine alone."""

from __future__ import annotations

import ipaddress
import signal
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from huiyin.api.cli import options
from huiyin.api.cli.screen import err
from huiyin.api.operator import whoami
from huiyin.domain.errors import InputError, MissingFileError


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="serve", help="Serve the pages and /api/v1 on this machine (loopback only)")(serve)


def serve(
    db: options.Db = options.DEFAULT_DB,
    data: Annotated[Path, typer.Option("--data", help="Data folder that the recordings lie in")] = Path(),
    host: Annotated[str, typer.Option("--host", help="A loopback address")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one")] = 8000,
) -> None:
    """Serves until Ctrl-C."""
    check_loopback(host)
    if not data.is_dir():
        raise MissingFileError(f"{data}: no such folder; --data wants the folder that the recordings lie in")
    import uvicorn

    from huiyin.api.app import create_app
    from huiyin.store.engine import open_store

    with open_store(db) as store:
        err.print(f"回音在 http://{host}:{port}/ （Ctrl-C 停止）", markup=False)
        err.print("只在本机可见：页面上有客户的话，登录与权限完成之前不对外开放。", markup=False)
        # uvicorn stops on Ctrl-C by itself and then raises the signal again: that is no interruption of work
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            uvicorn.run(
                create_app(store, data_folder=data, operator=whoami()),
                host=host,
                port=port,
                log_level="warning",
                access_log=False,
            )


def check_loopback(host: str) -> None:
    """Raises InputError for an address that others could reach."""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise InputError(
            f"--host {host}: only loopback addresses are served (127.0.0.1, ::1). The pages show what clients said, "
            "and there is no sign-in yet; reach them from elsewhere through an SSH tunnel."
        )
