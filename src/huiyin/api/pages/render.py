"""Jinja2 with our labels. Everything is escaped unless it is markup that we made."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from huiyin.api import labels
from huiyin.domain import tags as registry
from huiyin.domain.correction import VERDICT_LABELS
from huiyin.domain.lead import CONTACT_KIND_LABELS, OUTCOME_LABELS, STATUS_LABELS
from huiyin.domain.tags import LEAD_KIND_LABELS, TAG_TYPES

TEMPLATES = Path(__file__).parent.parent / "templates"


@cache
def environment() -> Environment:
    """The template environment; undefined names are errors, not blanks."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        when=labels.when,
        money=labels.money,
        minutes=labels.minutes,
        percent=labels.percent,
        clock=labels.clock,
        window=labels.window,
        days=labels.days,
        path=lambda text: quote(str(text), safe=""),
    )
    env.globals.update(
        value_label=labels.value_label,
        tag_types=TAG_TYPES,
        status_labels=STATUS_LABELS,
        outcome_labels=OUTCOME_LABELS,
        kind_labels=LEAD_KIND_LABELS,
        contact_labels=CONTACT_KIND_LABELS,
        channel_labels=labels.CHANNELS,
        speaker_labels=labels.SPEAKERS,
        permissions=registry.PERMISSIONS,
        institution_types=registry.INSTITUTION_TYPES,
        verdict_labels=VERDICT_LABELS,
        query=lambda **parts: urlencode([(k, v) for k, v in parts.items() if v not in (None, "")], doseq=True),
        svg=Markup,
    )
    return env


def render(template: str, **values: Any) -> str:
    """A page."""
    return environment().get_template(template).render(**values)
