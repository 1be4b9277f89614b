"""A private PostgreSQL server for tests: a cluster of its own in a temporary folder, on loopback, gone at the end."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

_BINARIES = "/usr/lib/postgresql/*/bin"
_USER = "huiyin"
_ACCOUNT = "postgres"  # Debian's package makes it; initdb refuses to run as root


class PostgresMissingError(RuntimeError):
    pass


@dataclass(frozen=True)
class PostgresServer:
    port: int
    password: str

    def url(self, database: str) -> str:
        return f"postgresql://{_USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"test_{secrets.token_hex(6)}"
        self._admin(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        name = url.rpartition("/")[2]
        self._admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _admin(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def binaries() -> Path:
    """The folder with initdb and pg_ctl, of the newest version. Raises PostgresMissingError."""
    found = [p for p in Path("/").glob(_BINARIES.lstrip("/")) if (p / "initdb").exists() and (p / "pg_ctl").exists()]
    if not found:
        raise PostgresMissingError(
            f"no PostgreSQL server binaries in {_BINARIES}: run the tests by `make test`, which installs Debian's "
            "postgresql, or install it yourself (apt-get install postgresql)"
        )
    return max(found, key=lambda p: [int(part) for part in p.parent.name.split(".")])


@contextmanager
def running() -> Iterator[PostgresServer]:
    """Starts a server and stops it at the end, come what may."""
    programs = binaries()
    folder = Path(tempfile.mkdtemp(prefix="huiyin-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _ACCOUNT)
        password, port = secrets.token_hex(8), _free_port()
        _init(programs, folder, password)
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
            "-c fsync=off -c synchronous_commit=off -c max_connections=40"
        )
        control = [str(programs / "pg_ctl"), "-D", str(folder / "data"), "-w", "-t", "60"]
        _run([*control, "-l", str(folder / "log"), "-o", options, "start"])
        try:
            yield PostgresServer(port=port, password=password)
        finally:
            _run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _init(programs: Path, folder: Path, password: str) -> None:
    secret = folder / "password"
    secret.write_text(password, encoding="utf-8")
    if os.geteuid() == 0:
        shutil.chown(secret, _ACCOUNT)
    _run(
        [
            *(str(programs / "initdb"), "-D", str(folder / "data"), "-U", _USER, "-E", "UTF8", "--locale=C.UTF-8"),
            *("--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync"),
        ]
    )


def _run(command: Sequence[str]) -> None:
    prefix = ["runuser", "-u", _ACCOUNT, "--"] if os.geteuid() == 0 else []
    # To files, not pipes: the server keeps what it inherits open, and a pipe would never end.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [*prefix, *command], cwd="/", stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False
        )
        output.seek(0)
        if done.returncode != 0:
            raise RuntimeError(f"{Path(command[0]).name} failed with {done.returncode}:\n{output.read()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
