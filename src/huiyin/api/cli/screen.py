"""What the terminal shows: progress with rate and time left, tables, errors. Figures to stdout, the rest to stderr."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table

from huiyin.domain.conversation import TranscriptState
from huiyin.pipeline.transcribe.batch import Progress as Transcribed

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

STATE_LABELS: dict[TranscriptState, str] = {
    TranscriptState.GIVEN: "已有文字",
    TranscriptState.TRANSCRIBED: "已转写",
    TranscriptState.SILENT: "无人说话",
    TranscriptState.NO_RECORDING: "无录音",
    TranscriptState.MISSING_FILE: "录音缺失",
    TranscriptState.UNREADABLE: "录音损坏",
    TranscriptState.EMPTY: "空录音",
    TranscriptState.FAILED: "识别失败",
    TranscriptState.NOT_ANSWERED: "未接通",
    TranscriptState.PENDING: "待转写",
}


def clock(seconds: float) -> str:
    """Seconds as people read them: 0:42, 12:07, 1:02:03."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def print_json(value: Any) -> None:
    """One JSON document on stdout, nothing else."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def table(title: str | None, *columns: str, right: tuple[str, ...] = ()) -> Table:
    """A plain table; the columns in `right` hold numbers."""
    made = Table(title=title, title_justify="left", header_style="bold", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


class ProgressScreen:
    """A Watcher on the terminal. Quiet where stderr is no terminal: one line a stage, for logs."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            console=err,
            disable=quiet or not err.is_terminal,
            transient=False,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> ProgressScreen:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def _begin(self, label: str, total: int) -> None:
        self._task = self._bar.add_task(label, total=total, note="")
        if not self._quiet and not err.is_terminal:
            err.print(f"{label}: {total}")

    def _step(self, done: int, note: str = "") -> None:
        if self._task is not None:
            self._bar.update(self._task, completed=done, note=note)

    def transcribing(self, recordings: int) -> None:
        self._begin("转写录音", recordings)

    def transcribed(self, progress: Transcribed) -> None:
        note = f"{STATE_LABELS[progress.state]}"
        if progress.cached:
            note += "（已有）"
        if progress.speed is not None:
            note += f"  {progress.speed:.1f}× 实时"
        if progress.eta_s is not None and progress.done < progress.total:
            note += f"  剩余 {clock(progress.eta_s)}"
        self._step(progress.done, note)
        if not self._quiet and not err.is_terminal:
            err.print(f"  {progress.done}/{progress.total} {progress.conversation_id} {note}")

    def tagging(self, conversations: int) -> None:
        self._begin("提取标签", conversations)

    def tagged(self, done: int, total: int) -> None:
        self._step(done)

    def auditing(self) -> None:
        self._begin("审计跟进", 1)
        self._step(1)
