"""`huiyin db`: the database's schema."""

from __future__ import annotations

import typer

from huiyin.api.cli import options
from huiyin.api.cli.screen import out as screen
from huiyin.store.engine import open_store

db_app = typer.Typer(no_args_is_help=True, help="Look after the database")


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(db_app, name="db")


@db_app.command("upgrade", help="Bring the schema to this version of Huiyin (back up first)")
def upgrade(db: options.Db = options.DEFAULT_DB) -> None:
    """Runs the migrations; does nothing where the schema is current."""
    with open_store(db, migrate=True) as store:
        screen.print(f"数据库已是当前版本：{store.location}", markup=False)
