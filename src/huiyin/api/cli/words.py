"""`huiyin transcribe` and `huiyin tag`: one stage alone, files in, JSON lines out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from huiyin.api.cli import options
from huiyin.api.cli.exit_codes import Exit
from huiyin.api.cli.large import TIMEOUT_S, large_json, open_large, tell_large
from huiyin.api.cli.learned import learned_model
from huiyin.api.cli.run_cmd import FAILED, recognizer_loader
from huiyin.api.cli.screen import STATE_LABELS, ProgressScreen, err, print_json
from huiyin.domain.conversation import Channel, Conversation, Recording, TranscriptState
from huiyin.domain.errors import InputError, MissingFileError
from huiyin.domain.record import SHANGHAI
from huiyin.lexicon import version as lexicon_version
from huiyin.pipeline.ingest.folder import read_files
from huiyin.pipeline.outputs import prepare_folder, write_lines
from huiyin.pipeline.reference import load_calendar
from huiyin.pipeline.tag import tag_conversations
from huiyin.pipeline.transcribe.batch import transcribe_all
from huiyin.pipeline.transcribe.cache import FolderTranscriptCache
from huiyin.pipeline.transcribe.weights import cache_root
from huiyin.taggers.tagger import ConversationTagger


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(name="transcribe", help="Transcribe recordings into conversations (transcripts.jsonl)")(transcribe)
    app.command(name="tag", help="Tag conversations that are text already")(tag)


def transcribe(
    audio: Annotated[list[Path], typer.Argument(metavar="AUDIO...", help="Recordings: WAV, MP3, M4A, AMR, OGG, FLAC")],
    out: Annotated[Path, typer.Option("--out", help="File for the conversations, JSON lines")],
    advisor_channel: Annotated[
        int | None, typer.Option("--advisor-channel", min=0, max=1, help="Which stereo channel is the advisor's")
    ] = None,
    started_at: Annotated[
        str | None, typer.Option("--started-at", help="When the call began (ISO 8601); default: the file's own date")
    ] = None,
    model: options.Model = None,
    allow_hub: options.AllowHub = False,
    beam: options.Beam = 5,
    as_json: options.Json = False,
) -> None:
    """Each recording becomes one conversation, whose id is the file's name. Broken files are told, the rest goes on."""
    missing = [str(path) for path in audio if not path.exists()]
    if missing:
        raise MissingFileError(f"no such recording: {', '.join(missing)}")
    prepare_folder(out.parent)
    names = [path.stem for path in audio]
    doubled = sorted({n for n in names if names.count(n) > 1})
    if doubled:
        raise InputError(f"two recordings have the same name: {', '.join(doubled)}; transcribe them one by one")
    root = Path(audio[0].resolve().anchor)
    conversations = [_conversation(path, root, advisor_channel, started_at) for path in audio]
    with ProgressScreen(quiet=as_json) as screen:
        screen.transcribing(len(audio))
        done = list(
            transcribe_all(
                conversations,
                root,
                recognizer_loader(model, allow_hub=allow_hub, beam=beam)(),
                FolderTranscriptCache(cache_root() / "transcripts"),
                screen.transcribed,
            )
        )
    write_lines(out, (c.model_dump(mode="json") for c in done))
    failed = [c for c in done if c.transcript_state in FAILED]
    if as_json:
        print_json(
            {
                "out": str(out),
                "recordings": [
                    {"id": c.conversation_id, "state": c.transcript_state, "note": c.transcript_note} for c in done
                ],
            }
        )
    else:
        for c in done:
            note = f"  {c.transcript_note}" if c.transcript_note else ""
            err.print(f"{c.conversation_id}: {STATE_LABELS[c.transcript_state]}，{len(c.turns)} 句{note}", markup=False)
        err.print(f"已写入 {out}", markup=False)
    if failed:
        raise typer.Exit(Exit.INCOMPLETE)


def _conversation(path: Path, root: Path, channel: int | None, started_at: str | None) -> Conversation:
    whole = path.resolve()
    began = options.moment(started_at) if started_at else datetime.fromtimestamp(whole.stat().st_mtime, tz=UTC)
    return Conversation(
        conversation_id=path.stem,
        channel=Channel.PHONE,
        client_id="",
        advisor_id="",
        started_at=began.astimezone(SHANGHAI).replace(microsecond=0),
        recording=Recording(path=str(whole.relative_to(root)), advisor_channel=channel),
        transcript_state=TranscriptState.PENDING,
    )


def tag(
    conversations: Annotated[Path, typer.Argument(metavar="IN.jsonl", help="Conversations, JSON lines (spec/tags.md)")],
    out: Annotated[Path, typer.Option("--out", help="File for the tags, JSON lines")],
    llm: options.Llm = None,
    llm_model: options.LlmModel = None,
    llm_timeout: options.LlmTimeout = TIMEOUT_S,
    as_json: options.Json = False,
) -> None:
    """Reads conversations, writes the tags found in them, each with its proof."""
    large = open_large(llm, llm_model, llm_timeout)
    dataset = read_files([conversations])
    prepare_folder(out.parent)
    tagger = ConversationTagger(calendar=load_calendar(), large=large, model=learned_model())
    if large is not None:
        large.expect(dataset.conversations)
    with ProgressScreen(quiet=as_json) as screen:
        screen.tagging(len(dataset.conversations))
        tags = tag_conversations(dataset.conversations, tagger, on_tagged=screen.tagged)
    write_lines(out, (t.model_dump(mode="json") for t in tags))
    for issue in dataset.issues:
        err.print(issue.render(), markup=False)
    if as_json:
        print_json(
            {
                "out": str(out),
                "conversations": len(dataset.conversations),
                "tags": len(tags),
                "lexicon_version": lexicon_version(),
                "errors": len(dataset.errors),
                "llm": large_json(large),
            }
        )
    else:
        tell_large(large)
        err.print(f"{len(dataset.conversations)} 段对话，{len(tags)} 个标签，已写入 {out}", markup=False)
    if dataset.errors:
        raise typer.Exit(Exit.INCOMPLETE)
