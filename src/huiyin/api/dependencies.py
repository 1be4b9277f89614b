"""What a request handler asks for: the store, the data folder, the page wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

from fastapi import Depends, Query, Request

from huiyin.store.engine import Store
from huiyin.store.queries.paging import DEFAULT_SIZE, MAX_SIZE


def _store(request: Request) -> Store:
    return cast(Store, request.app.state.store)


def _folder(request: Request) -> Path:
    return cast(Path, request.app.state.data_folder)


StoreDep = Annotated[Store, Depends(_store)]
FolderDep = Annotated[Path, Depends(_folder)]
PageNumber = Annotated[int, Query(ge=1, description="Page, counted from 1")]
PageSize = Annotated[int, Query(ge=1, le=MAX_SIZE, description="Entries a page")]
SIZE = DEFAULT_SIZE
