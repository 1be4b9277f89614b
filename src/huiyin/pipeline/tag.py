"""The tagging stage: conversations in, tags out, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from huiyin.domain.conversation import Conversation
from huiyin.domain.tag import Tag

Tagger = Callable[[Conversation], tuple[Tag, ...]]
OnTagged = Callable[[int, int], None]
"""(conversations done, of how many)."""


def tag_conversations(
    conversations: Sequence[Conversation], tagger: Tagger, *, on_tagged: OnTagged | None = None
) -> tuple[Tag, ...]:
    """The tags of all conversations, in their order."""
    out: list[Tag] = []
    for done, conversation in enumerate(conversations, start=1):
        out.extend(tagger(conversation))
        if on_tagged is not None:
            on_tagged(done, len(conversations))
    return tuple(out)
