"""`huiyin audit`: leads and follow-up from tags that are given, without a tagger or a recogniser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from huiyin.api.cli import options
from huiyin.api.cli.exit_codes import Exit
from huiyin.api.cli.report_text import print_status
from huiyin.api.cli.run_cmd import GivenTagsReader, show_issues
from huiyin.api.cli.screen import err, print_json
from huiyin.api.report import write_report
from huiyin.domain.errors import MissingFileError
from huiyin.lexicon import version as lexicon_version
from huiyin.pipeline.ingest.folder import read_folder
from huiyin.pipeline.outputs import prepare_folder, write_outputs
from huiyin.pipeline.profile import profiles_of
from huiyin.pipeline.reference import load_calendar, load_policy
from huiyin.pipeline.run import RunResult, audit_dataset


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(
        name="audit", help="Audit the follow-up of tags that are given (no tagger runs, nothing is transcribed)"
    )(audit)


def audit(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Data folder (spec/formats)")],
    tags: Annotated[Path, typer.Option("--tags", help="Tags, JSON lines (spec/tags.md)")],
    out: options.Out = Path("out"),
    as_of: options.AsOf = None,
    as_json: options.Json = False,
) -> None:
    """Writes leads.jsonl, profiles.jsonl, tags.jsonl and report.html; the database is not touched."""
    moment = options.moment(as_of)
    dataset = read_folder(folder)
    if not tags.is_file():
        raise MissingFileError(f"{tags}: no such file; --tags wants the tags as JSON lines")
    policy = load_policy(dataset.policy)
    reader = GivenTagsReader(tags)
    given = reader(dataset.conversations)
    prepare_folder(out)
    result = RunResult(
        dataset=dataset,
        conversations=dataset.conversations,
        tags=given,
        profiles=profiles_of(dataset, given, policy=policy, as_of=moment),
        leads=audit_dataset(
            dataset, dataset.conversations, given, policy=policy, calendar=load_calendar(policy), as_of=moment
        ),
        policy=policy,
        as_of=moment,
        lexicon_version=lexicon_version(),
        recognizer=None,
    )
    write_outputs(out, result)
    report = write_report(out / "report.html", result)
    show_issues(dataset, out, quiet=as_json, also=reader.issues)
    if as_json:
        print_json(
            {
                "as_of": moment.isoformat(),
                "leads": [lead.as_line() for lead in result.leads],
                "report": str(report),
                "issues": [i.model_dump(mode="json") for i in (*reader.issues, *dataset.issues)],
            }
        )
    else:
        print_status(result)
        err.print(f"已写入 {out}：leads.jsonl、profiles.jsonl、report.html", markup=False)
    if reader.has_errors:
        raise typer.Exit(Exit.INCOMPLETE)
