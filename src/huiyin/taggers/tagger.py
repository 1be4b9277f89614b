"""Conversation in, tags out.

    >>> from huiyin.taggers.tagger import ConversationTagger
    >>> tags = ConversationTagger(calendar=calendar)(conversation)

Pure: the same conversation under the same lexicon gives the same tags, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from huiyin.domain.calendar import TradingCalendar
from huiyin.domain.conversation import Conversation, Speaker
from huiyin.domain.tag import Tag
from huiyin.lexicon import version
from huiyin.taggers.analysis import Analysis
from huiyin.taggers.components import analyse
from huiyin.taggers.llm.fusion import Opinion, join
from huiyin.taggers.registry import TAGGERS, Propose
from huiyin.taggers.resolve import resolve


class ConversationTagger:
    """All taggers over the shared analysis. `version` names the lexicon that decides.

    `large` asks a large model of the firm (pipeline/llm/tagger.py), where there is one; None from it, it had no answer.
    """

    def __init__(
        self,
        *,
        calendar: TradingCalendar,
        taggers: Mapping[str, Propose] | None = None,
        large: Callable[[Analysis], Opinion | None] | None = None,
    ) -> None:
        self._calendar = calendar
        self._large = large
        self._taggers = TAGGERS if taggers is None else taggers
        self.version = version()

    def __call__(self, conversation: Conversation) -> tuple[Tag, ...]:
        """The tags of a conversation, in order of their first proof; none where nobody spoke."""
        if not any(t.speaker is not Speaker.OTHER for t in conversation.turns):
            return ()
        analysis = analyse(conversation, self._calendar)
        candidates = [c for propose in self._taggers.values() for c in propose(analysis)]
        opinion = self._large(analysis) if self._large is not None else None
        return resolve(analysis, join(candidates, opinion) if opinion is not None else candidates)
