"""Who works here: the name that stands on judgements. There is no sign-in yet; pages are for this machine alone."""

from __future__ import annotations

import getpass


def whoami() -> str:
    """The name of the user of this machine; empty where it has none (some containers)."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
