"""Conversation in, tags out.

    >>> from huiyin.taggers.tagger import ConversationTagger
    >>> tags = ConversationTagger(calendar=calendar)(conversation)

Pure: the same conversation under the same lexicon and the same weights gives the same tags, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from huiyin.domain.calendar import TradingCalendar
from huiyin.domain.conversation import Conversation, Speaker
from huiyin.domain.tag import Tag
from huiyin.lexicon import version
from huiyin.taggers.analysis import Analysis
from huiyin.taggers.components import analyse
from huiyin.taggers.learned.fusion import fuse
from huiyin.taggers.learned.model import Model, shipped
from huiyin.taggers.llm.fusion import Opinion, join
from huiyin.taggers.registry import TAGGERS, Propose
from huiyin.taggers.resolve import resolve


class ConversationTagger:
    """All taggers over the shared analysis. `version` names the lexicon that decides, `model_version` the weights.

    `model` reads beside the rules (taggers/learned/); by default the one that is shipped, None: the rules alone.
    `large` asks a large model of the firm (pipeline/llm/tagger.py), where there is one; None from it, it had no answer.
    """

    def __init__(
        self,
        *,
        calendar: TradingCalendar,
        taggers: Mapping[str, Propose] | None = None,
        large: Callable[[Analysis], Opinion | None] | None = None,
        model: Model | Literal["shipped"] | None = "shipped",
    ) -> None:
        self._calendar = calendar
        self._large = large
        self._taggers = TAGGERS if taggers is None else taggers
        self._model = shipped() if model == "shipped" else model
        self.version = version()
        self.model_version = self._model.version if self._model is not None else None

    def __call__(self, conversation: Conversation) -> tuple[Tag, ...]:
        """The tags of a conversation, in order of their first proof; none where nobody spoke."""
        if not any(t.speaker is not Speaker.OTHER for t in conversation.turns):
            return ()
        analysis = analyse(conversation, self._calendar)
        candidates = [c for propose in self._taggers.values() for c in propose(analysis)]
        if self._model is not None:
            candidates = fuse(analysis, candidates, self._model.read(analysis), version=self._model.version)
        opinion = self._large(analysis) if self._large is not None else None
        return resolve(analysis, join(candidates, opinion) if opinion is not None else candidates)
