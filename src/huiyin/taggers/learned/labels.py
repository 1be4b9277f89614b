"""What the model says: how likely a turn is to decide a tag of a type and stance, and which of its discriminators.

The output of the network has, for each token, one score for every `KINDS` entry, one for every `CHOICES` entry, then
one weight for every tag type (how much the token counts for that type in its turn). Labels are told apart in two
steps, P(type, stance) x P(discriminator | type), because most full labels have under ten examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huiyin.domain.tag import Stance
from huiyin.domain.tags import INSTITUTION_TYPES, TAG_TYPES

Kind = tuple[str, Stance]
Choice = tuple[str, str]

_CAN_BE_NEGATED = frozenset(
    {"permission_intent", "idle_funds", "external_assets", "product_preference", "contact_channel", "churn_risk"}
)

TYPES: tuple[str, ...] = tuple(TAG_TYPES)

KINDS: tuple[Kind, ...] = tuple(
    (key, stance) for key in TYPES for stance in Stance if stance is Stance.AFFIRMED or key in _CAN_BE_NEGATED
)
"""Tag types with their stances, in the order of the network's output."""


def _choices(key: str) -> tuple[str, ...]:
    if key == "external_assets":
        return tuple(INSTITUTION_TYPES)
    return tuple(TAG_TYPES[key].choices or ())


CHOICES: tuple[Choice, ...] = tuple((key, value) for key in TYPES for value in _choices(key))
"""Discriminators of all tag types, in the order of the network's output; external assets are told by kind of place."""

KIND_AT: Mapping[Kind, int] = {kind: i for i, kind in enumerate(KINDS)}
CHOICE_AT: Mapping[Choice, int] = {choice: i for i, choice in enumerate(CHOICES)}
TYPE_OF_KIND: tuple[int, ...] = tuple(TYPES.index(key) for key, _ in KINDS)
TYPE_OF_CHOICE: tuple[int, ...] = tuple(TYPES.index(key) for key, _ in CHOICES)
WIDTH = len(KINDS) + len(CHOICES) + len(TYPES)


def choice_of(tag: str, value: Mapping[str, Any]) -> str | None:
    """The discriminator the model knows: the kind of place for external assets, else the scorer's."""
    if tag == "external_assets":
        return value.get("institution_type")
    return TAG_TYPES[tag].discriminate(value)
