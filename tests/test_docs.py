"""The documentation's own examples are read by the code that they document."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from huiyin.api.cli.exit_codes import Exit
from huiyin.api.cli.main import app
from huiyin.domain.conversation import Conversation
from huiyin.domain.lead import AuditedLead
from huiyin.domain.record import Record
from huiyin.domain.tag import Tag
from huiyin.domain.tags import TAG_TYPES

ROOT = Path(__file__).resolve().parents[1]
OUTPUTS = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"```json (\w+)\n(.*?)```", OUTPUTS, flags=re.DOTALL))


@pytest.mark.parametrize(("name", "record"), [("tag", Tag), ("lead", AuditedLead), ("conversation", Conversation)])
def test_examples_are_valid_records(name: str, record: type[Record]) -> None:
    data = json.loads(EXAMPLES[name])
    parsed = record.model_validate(data)
    assert set(data) <= set(parsed.model_dump(mode="json"))


def test_a_tag_has_the_fields_of_the_specification() -> None:
    data = json.loads(EXAMPLES["tag"])
    assert {"conversation_id", "tag", "stance", "value", "turns", "quote", "confidence"} <= set(data)
    assert TAG_TYPES[data["tag"]].normalise(data["value"]) == data["value"]


def test_leads_begin_with_the_fields_of_the_specification() -> None:
    assert list(AuditedLead.model_fields)[:15] == [
        "lead_id", "client_id", "advisor_id", "tag", "discriminator", "value", "opened_at", "due_at",
        "due_provisional", "status", "outcome", "in_window", "response_minutes", "contacts", "evidence",
    ]  # fmt: skip


def test_every_exit_code_is_documented() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    documented = {int(x) for x in re.findall(r"^\| (\d+) \|", text, flags=re.MULTILINE)}
    assert documented == {int(code) for code in Exit}


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    for name in root.commands:
        assert f"`{name} " in text or f"`{name}`" in text, name


def test_links_in_the_documentation_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), ROOT / "evals" / "README.md"]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
