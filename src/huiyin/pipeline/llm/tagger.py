"""The large model as a tagger: asks, reads, counts. Handed to ConversationTagger as a plain callable.

A server that fails never fails a run: the conversation keeps what the other taggers find, and the failure is counted.
After `GIVE_UP` failures in a row, or one that no other conversation will mend, nobody is asked any more.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from huiyin.domain.conversation import Conversation
from huiyin.domain.errors import LargeModelError
from huiyin.pipeline.llm.cache import AnswerCache, digest_of
from huiyin.pipeline.llm.model import HOPELESS, LargeModel, Reply
from huiyin.pipeline.llm.workers import Workers
from huiyin.taggers.analysis import Analysis
from huiyin.taggers.candidate import Candidate
from huiyin.taggers.llm.fusion import Opinion
from huiyin.taggers.llm.read import parse_answer, read_answer
from huiyin.taggers.llm.schema import Prompt, prompts_of, speaks_to_a_machine

GIVE_UP = 5
"""Failures in a row after which the server is taken as gone."""
PARALLEL = 4
"""Questions asked side by side: such servers answer several at once in little more time than one."""
AHEAD = 2
"""Conversations asked ahead, for each question that may be under way."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one conversation cost and brought: ids and counts only. `seconds` and tokens are those of this run; answers
    of the cache (`cached`) cost nothing."""

    conversation_id: str
    model: str
    questions: int
    cached: int
    tokens_in: int
    tokens_out: int
    seconds: float
    tags: int
    dropped: dict[str, int]
    withheld_turns: int
    failures: tuple[str, ...]


@dataclass
class Tally:
    """The sum over a run. `dropped` and `failed` are by reason (taggers/llm/read.py, pipeline/llm/model.py)."""

    conversations: int = 0
    questions: int = 0
    cached: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    tags: int = 0
    withheld_turns: int = 0
    failed_conversations: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def add(self, cost: Cost) -> None:
        self.conversations += 1
        self.questions += cost.questions
        self.cached += cost.cached
        self.tokens_in += cost.tokens_in
        self.tokens_out += cost.tokens_out
        self.seconds = round(self.seconds + cost.seconds, 3)
        self.tags += cost.tags
        self.withheld_turns += cost.withheld_turns
        self.failed_conversations += bool(cost.failures)
        self.dropped.update(cost.dropped)
        self.failed.update(cost.failures)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            **vars(self),
            "dropped": dict(sorted(self.dropped.items())),
            "failed": dict(sorted(self.failed.items())),
        }


@dataclass(frozen=True)
class _Answer:
    reply: Reply | None
    cached: bool = False
    failure: str | None = None


@dataclass(frozen=True)
class _Asked:
    """The questions under way about a conversation, which is kept alive: its identity is the key."""

    conversation: Conversation
    questions: list[tuple[Prompt, Future[_Answer]]]


class LargeTagger:
    """Conversations in, opinions out; `tally` says what it cost."""

    def __init__(
        self,
        model: LargeModel,
        *,
        cache: AnswerCache,
        on_cost: Callable[[Cost], None] | None = None,
        parallel: int = PARALLEL,
    ) -> None:
        self.name = model.name
        self.tally = Tally()
        self._model = model
        self._cache = cache
        self._on_cost = on_cost
        self._workers = Workers(parallel)
        self._ahead = parallel * AHEAD
        self._coming: deque[Conversation] = deque()
        self._asked: dict[int, _Asked] = {}  # by identity: two files may name two conversations alike
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._given_up = False

    def expect(self, conversations: Sequence[Conversation]) -> None:
        """The conversations that will be tagged, in order: the next ones are asked while one is read."""
        self._coming = deque(conversations)

    def __call__(self, analysis: Analysis) -> Opinion | None:
        """What the model says of a conversation; None where it was not asked, or failed on all of it."""
        conversation = analysis.conversation
        self._look_ahead()
        asked = self._asked.pop(id(conversation), None) or self._ask(conversation)
        if not asked.questions:
            return None
        answers = [(prompt, future.result()) for prompt, future in asked.questions]
        opinion, dropped = self._read(analysis, answers)
        self._count(conversation, [a for _, a in answers], opinion, dropped)
        return opinion if opinion.sent else None

    def _look_ahead(self) -> None:
        while self._coming and len(self._asked) < self._ahead:
            coming = self._coming.popleft()
            asked = self._ask(coming)
            if asked.questions:
                self._asked[id(coming)] = asked

    def _ask(self, conversation: Conversation) -> _Asked:
        prompts = prompts_of(conversation)
        return _Asked(conversation, [(p, self._workers.submit(partial(self._answer, p))) for p in prompts])

    def _answer(self, prompt: Prompt) -> _Answer:
        digest = digest_of(self.name, prompt)
        kept = self._cache.get(digest)
        if kept is not None and parse_answer(kept.text) is not None:
            return _Answer(kept, cached=True)
        with self._lock:
            if self._given_up:
                return _Answer(None, failure="given_up")
        try:
            reply = self._model.ask(prompt)
        except LargeModelError as error:
            with self._lock:
                self._in_a_row += 1
                self._given_up = self._given_up or error.reason in HOPELESS or self._in_a_row >= GIVE_UP
            return _Answer(None, failure=error.reason)
        with self._lock:
            self._in_a_row = 0
        self._cache.put(digest, reply)
        return _Answer(reply)

    def _read(self, analysis: Analysis, answers: Sequence[tuple[Prompt, _Answer]]) -> tuple[Opinion, Counter[str]]:
        candidates: list[Candidate] = []
        sent: set[int] = set()
        dropped: Counter[str] = Counter()
        for prompt, answer in answers:
            entries = parse_answer(answer.reply.text) if answer.reply else None
            if entries is None:
                continue
            read = read_answer(entries, analysis, sent=prompt.turns, model=self.name)
            candidates += read.candidates
            dropped += read.dropped
            sent |= prompt.turns
        return Opinion(tuple(candidates), frozenset(sent), self.name), dropped

    def _count(
        self, conversation: Conversation, answers: Sequence[_Answer], opinion: Opinion, dropped: Counter[str]
    ) -> None:
        paid = [a.reply for a in answers if a.reply and not a.cached]
        cost = Cost(
            conversation_id=conversation.conversation_id,
            model=self.name,
            questions=len(answers),
            cached=sum(a.cached for a in answers),
            tokens_in=sum(r.tokens_in or 0 for r in paid),
            tokens_out=sum(r.tokens_out or 0 for r in paid),
            seconds=round(sum(r.seconds for r in paid), 3),
            tags=len(opinion.candidates),
            dropped=dict(sorted(dropped.items())),
            withheld_turns=sum(speaks_to_a_machine(t.text) for t in conversation.turns),
            failures=tuple(a.failure for a in answers if a.failure),
        )
        self.tally.add(cost)
        if self._on_cost is not None:
            self._on_cost(cost)
