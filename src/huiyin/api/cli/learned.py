"""`HUIYIN_TAGGER_MODEL`: which learned tagger reads beside the rules."""

from __future__ import annotations

import os
from pathlib import Path

from huiyin.domain.errors import InputError
from huiyin.taggers.learned.model import LearnedModel, load, shipped

SWITCH = "HUIYIN_TAGGER_MODEL"
OFF = "off"


def learned_model() -> LearnedModel | None:
    """The model that the environment names: "off" for none, a folder that training wrote, else the one that is shipped.

    Raises InputError where the folder holds none: a run without the model that was asked for would be another run.
    """
    named = os.environ.get(SWITCH, "").strip()
    if not named:
        return shipped()
    if named.lower() == OFF:
        return None
    found = load(Path(named))
    if found is None:
        raise InputError(f"{SWITCH}={named}: no model there (model.onnx and tokenizer.json); {OFF!r} turns it off")
    return found
