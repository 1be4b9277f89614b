"""`huiyin run`: a data folder from audio to report."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from huiyin.api.cli import options
from huiyin.api.cli.exit_codes import Exit
from huiyin.api.cli.large import TIMEOUT_S, large_json, open_large, tell_large
from huiyin.api.cli.learned import learned_model
from huiyin.api.cli.report_text import print_report
from huiyin.api.cli.screen import ProgressScreen, err, print_json
from huiyin.api.report import write_report
from huiyin.domain.conversation import Conversation, TranscriptState
from huiyin.domain.correction import Correction
from huiyin.domain.tag import Tag
from huiyin.pipeline.ingest.dataset import Dataset
from huiyin.pipeline.ingest.folder import read_folder
from huiyin.pipeline.ingest.given_tags import read_tags
from huiyin.pipeline.ingest.issue import Issue, Severity
from huiyin.pipeline.outputs import prepare_folder, write_outputs
from huiyin.pipeline.run import RunResult, run
from huiyin.pipeline.transcribe.cache import FolderTranscriptCache
from huiyin.pipeline.transcribe.protocol import Recognizer
from huiyin.pipeline.transcribe.weights import cache_root, resolve_weights
from huiyin.store.engine import open_store
from huiyin.store.queries.corrections import load_corrections
from huiyin.store.save import RunRecords, Saved, save_run
from huiyin.store.views import RunFacts

FAILED = frozenset(
    {TranscriptState.UNREADABLE, TranscriptState.EMPTY, TranscriptState.FAILED, TranscriptState.MISSING_FILE}
)
_SHOWN_ISSUES = 20


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="run", help="Run a data folder (spec/formats) from recordings to audited leads and report.html")(
        run_folder
    )


def run_folder(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Data folder: calls.csv, wecom.jsonl, clients.csv …")
    ],
    out: options.Out = Path("out"),
    as_of: options.AsOf = None,
    db: options.Db = options.DEFAULT_DB,
    tags: Annotated[Path | None, typer.Option("--tags", help="Tags given by hand; then no tagger runs")] = None,
    model: options.Model = None,
    allow_hub: options.AllowHub = False,
    beam: options.Beam = 5,
    llm: options.Llm = None,
    llm_model: options.LlmModel = None,
    llm_timeout: options.LlmTimeout = TIMEOUT_S,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 4 if a row was rejected or a recording failed")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Transcribe, tag, profile, audit; write files, database and report. Running it again changes nothing."""
    moment = options.moment(as_of)
    given = GivenTagsReader(tags) if tags else None
    large = None if given else open_large(llm, llm_model, llm_timeout)
    started = datetime.now(UTC)
    dataset = read_folder(folder)
    prepare_folder(out)
    with open_store(db) as store:
        with ProgressScreen(quiet=as_json) as watcher:
            result = run(
                dataset,
                as_of=moment,
                recognizer=recognizer_loader(model, allow_hub=allow_hub, beam=beam),
                cache=FolderTranscriptCache(cache_root() / "transcripts"),
                given_tags=given,
                corrections=load_corrections(
                    store, conversation_ids=[c.conversation_id for c in dataset.conversations]
                ),
                large=large,
                model=learned_model(),
                watcher=watcher,
            )
        write_outputs(out, result)
        report = write_report(out / "report.html", result)
        saved = save_run(store, facts_of(result, started, folder), records_of(result))
    show_issues(dataset, out, quiet=as_json, also=given.issues if given else ())
    tell_unplaced(result.unplaced)
    if as_json:
        print_json({**summary_json(result, saved, report), "llm": large_json(large)})
    else:
        tell_large(large)
        print_report(result, saved, out=out, db=db, folder=folder)
    failed = [c for c in result.conversations if c.transcript_state in FAILED]
    if (given and given.has_errors) or (strict and (dataset.errors or failed)):
        raise typer.Exit(Exit.INCOMPLETE)


def recognizer_loader(model: str | None, *, allow_hub: bool, beam: int) -> Callable[[], Recognizer]:
    """Loads the recogniser when it is first needed."""

    def load() -> Recognizer:
        from huiyin.pipeline.transcribe.faster_whisper_recognizer import FasterWhisperRecognizer

        return FasterWhisperRecognizer(resolve_weights(model, allow_hub), beam_size=beam)

    return load


class GivenTagsReader:
    """Reads the tags of `--tags` when the conversations are there; keeps what was wrong with the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.issues: tuple[Issue, ...] = ()

    def __call__(self, conversations: Sequence[Conversation]) -> tuple[Tag, ...]:
        given = read_tags(self._path, conversations)
        self.issues = given.issues
        return given.tags

    @property
    def has_errors(self) -> bool:
        return any(i.severity is Severity.ERROR for i in self.issues)


def facts_of(result: RunResult, started: datetime, folder: Path) -> RunFacts:
    """The run as the database keeps it."""
    return RunFacts(
        run_id=uuid.uuid4().hex,
        started_at=started,
        finished_at=datetime.now(UTC),
        as_of=result.as_of,
        lexicon_version=result.lexicon_version,
        recognizer=result.recognizer,
        source=folder.name,
        policy=result.policy.model_dump(mode="json"),
        counts=result.counts,
    )


def records_of(result: RunResult) -> RunRecords:
    """What the run brings to the database."""
    return RunRecords(
        conversations=result.conversations,
        clients=result.dataset.clients,
        advisors=result.dataset.advisors,
        events=result.dataset.events,
        tags=result.tags,
        leads=result.leads,
        issues=result.dataset.issues,
    )


def show_issues(dataset: Dataset, out: Path, *, quiet: bool, also: Sequence[Issue] = ()) -> None:
    """The defects of the input, on stderr; where there are many, the first ones and where the rest is."""
    if quiet:
        return
    found = [*also, *dataset.errors, *dataset.warnings]
    shown = found[:_SHOWN_ISSUES]
    for issue in shown:
        err.print(issue.render(), style="red" if issue.severity is Severity.ERROR else "yellow", markup=False)
    left = len(found) - len(shown)
    if left > 0:
        err.print(f"… 另有 {left} 条", markup=False)
    if dataset.rejects:
        err.print(f"{len(dataset.rejects)} 行未采用，原文与原因见 {out / 'rejects.jsonl'}", markup=False)


def tell_unplaced(unplaced: Sequence[Correction]) -> None:
    """Says which conversations people have to judge again, since their words have changed."""
    if unplaced:
        names = "、".join(sorted({c.conversation_id for c in unplaced}))
        text = f"{len(unplaced)} 条人工判断的原话已不在对话中，没有采用，请重新判断：{names}"
        err.print(text, style="yellow", markup=False)


def summary_json(result: RunResult, saved: Saved, report: Path) -> dict[str, Any]:
    """The run for machines."""
    states: dict[str, int] = {}
    for conversation in result.conversations:
        states[conversation.transcript_state] = states.get(conversation.transcript_state, 0) + 1
    status: dict[str, int] = {}
    for lead in result.leads:
        status[lead.status] = status.get(lead.status, 0) + 1
    return {
        "run_id": saved.run_id,
        "unchanged": saved.unchanged,
        "as_of": result.as_of.isoformat(),
        "counts": result.counts,
        "transcript_states": states,
        "lead_status": status,
        "lexicon_version": result.lexicon_version,
        "recognizer": result.recognizer,
        "report": str(report),
        "issues": [i.model_dump(mode="json") for i in result.dataset.issues],
    }
