"""The sound of a conversation: as it was recorded, or as a browser can play it. Both answer range requests."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from huiyin.api.dependencies import FolderDep, StoreDep
from huiyin.api.playback import inside, playable
from huiyin.domain.errors import NotFoundError
from huiyin.store.engine import Store
from huiyin.store.queries.conversations import get_conversation, get_recording

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


@router.get("/voice/{conversation_id:path}", response_class=FileResponse)
def voice(store: StoreDep, folder: FolderDep, conversation_id: str, turn: int) -> FileResponse:
    """A voice message of a chat, as PCM WAV; `turn` is its turn."""
    turns = get_conversation(store, conversation_id).conversation.turns
    media = turns[turn].media if 0 <= turn < len(turns) else None
    path = inside(folder, media) if media else None
    if path is None or not path.is_file():
        raise NotFoundError(f"turn {turn} of {conversation_id} has no sound in the data folder")
    return FileResponse(playable(path), media_type="audio/wav")


@router.get("/playback/{conversation_id:path}", response_class=FileResponse)
def playback(store: StoreDep, folder: FolderDep, conversation_id: str) -> FileResponse:
    """The recording as 16-bit PCM WAV: telephone codecs (A-law, AMR) are not played by every browser."""
    return FileResponse(playable(_file(store, folder, conversation_id)), media_type="audio/wav")
