"""Applies what people judged to the tags of many conversations: the last step of tagging."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from huiyin.domain.conversation import Conversation
from huiyin.domain.correction import Applied, Correction, apply_corrections
from huiyin.domain.tag import Tag
from huiyin.lexicon import version as lexicon_version


def corrected(conversations: Sequence[Conversation], tags: Sequence[Tag], corrections: Iterable[Correction]) -> Applied:
    """The tags of all conversations as people judged them, in the order of the conversations.

    Judgements on conversations that are not given are passed over: they belong to another folder's run.
    """
    judged: dict[str, list[Correction]] = {}
    for correction in corrections:
        judged.setdefault(correction.conversation_id, []).append(correction)
    if not judged:
        return Applied(tags=tuple(tags))
    found: dict[str, list[Tag]] = {}
    for tag in tags:
        found.setdefault(tag.conversation_id, []).append(tag)
    out: list[Tag] = []
    unplaced: list[Correction] = []
    for talk in conversations:
        mine = found.pop(talk.conversation_id, [])
        said = judged.get(talk.conversation_id)
        if said:
            applied = apply_corrections(talk, mine, said, lexicon_version=lexicon_version())
            mine = list(applied.tags)
            unplaced += applied.unplaced
        out += mine
    out += [tag for left in found.values() for tag in left]
    return Applied(tags=tuple(out), unplaced=tuple(unplaced))
