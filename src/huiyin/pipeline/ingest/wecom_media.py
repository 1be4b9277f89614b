"""The media folder beside a WeCom archive: `media/<md5sum>.amr` and its like (spec/formats.md, wecom.jsonl)."""

from __future__ import annotations

from pathlib import Path

AUDIO_SUFFIXES = (".amr", ".mp3", ".wav", ".m4a", ".aac", ".ogg", ".opus", ".flac", ".silk")
"""In the order in which they are taken where several files have one name. What they hold, the decoder finds out."""


class Media:
    """Finds the audio of a message by its md5sum or one of its other ids. Files are looked up, no path is built."""

    def __init__(self, folder: Path, *, root: Path) -> None:
        self._paths: dict[str, str] = {}
        try:
            entries = sorted(folder.iterdir(), key=lambda e: (_rank(e), e.name))
        except OSError:
            entries = []
        for entry in entries:
            if _rank(entry) < len(AUDIO_SUFFIXES) and entry.is_file():
                self._paths.setdefault(entry.stem.lower(), entry.relative_to(root).as_posix())

    def audio(self, *names: object) -> str | None:
        """The audio file of the first name that has one, relative to the data folder."""
        for name in names:
            if isinstance(name, str) and name.strip().lower() in self._paths:
                return self._paths[name.strip().lower()]
        return None


def _rank(path: Path) -> int:
    suffix = path.suffix.lower()
    return AUDIO_SUFFIXES.index(suffix) if suffix in AUDIO_SUFFIXES else len(AUDIO_SUFFIXES)
