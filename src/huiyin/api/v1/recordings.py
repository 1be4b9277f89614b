"""The sound of a conversation: as it was recorded, or as a browser can play it. Both answer range requests."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from huiyin.api.dependencies import FolderDep, StoreDep
from huiyin.api.playback import inside, playable
from huiyin.domain.errors import NotFoundError
from huiyin.store.engine import Store
from huiyin.store.queries.conversations import get_recording

router = APIRouter(tags=["recordings"])


def _file(store: Store, folder: Path, conversation_id: str) -> Path:
    path = inside(folder, get_recording(store, conversation_id).path)
    if path is None or not path.is_file():
        raise NotFoundError(f"the recording of {conversation_id} is not in the data folder; start serve with --data")
    return path


@router.get("/recordings/{conversation_id:path}", response_class=FileResponse)
def recording(store: StoreDep, folder: FolderDep, conversation_id: str) -> FileResponse:
    """The recording, byte for byte."""
    return FileResponse(_file(store, folder, conversation_id), content_disposition_type="inline")


@router.get("/playback/{conversation_id:path}", response_class=FileResponse)
def playback(store: StoreDep, folder: FolderDep, conversation_id: str) -> FileResponse:
    """The recording as 16-bit PCM WAV: telephone codecs (A-law, AMR) are not played by every browser."""
    return FileResponse(playable(_file(store, folder, conversation_id)), media_type="audio/wav")
