"""The whole path over one data folder: transcribe, tag, profile, audit. Pure but for what is handed in.

    dataset = read_folder(Path("sample_audio"))
    result = run(dataset, as_of=as_of, recognizer=load, cache=FolderTranscriptCache(folder))
    write_outputs(Path("out"), result)

What a person waits for is told to a `Watcher`. Ctrl-C is safe anywhere: finished transcripts are in the cache, and
nothing else outlives the call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from huiyin.domain.audit import AuditInput, audit
from huiyin.domain.calendar import TradingCalendar
from huiyin.domain.conversation import Conversation
from huiyin.domain.correction import Correction
from huiyin.domain.lead import AuditedLead
from huiyin.domain.policy import Policy
from huiyin.domain.profile import Profile
from huiyin.domain.tag import Tag
from huiyin.lexicon import version as lexicon_version
from huiyin.pipeline.corrected import corrected
from huiyin.pipeline.ingest.dataset import Dataset
from huiyin.pipeline.llm.tagger import LargeTagger
from huiyin.pipeline.profile import profiles_of
from huiyin.pipeline.reference import load_calendar, load_policy, load_topics
from huiyin.pipeline.tag import Tagger, tag_conversations
from huiyin.pipeline.transcribe.batch import TO_DO, Progress, transcribe_all
from huiyin.pipeline.transcribe.cache import TranscriptCache
from huiyin.pipeline.transcribe.protocol import Recognizer
from huiyin.taggers.learned.model import Model
from huiyin.taggers.tagger import ConversationTagger


class Watcher(Protocol):
    """Told of progress; a screen, a log, or nobody."""

    def transcribing(self, recordings: int) -> None: ...

    def transcribed(self, progress: Progress) -> None: ...

    def tagging(self, conversations: int) -> None: ...

    def tagged(self, done: int, total: int) -> None: ...

    def auditing(self) -> None: ...


class Nobody:
    """A Watcher that does nothing."""

    def transcribing(self, recordings: int) -> None:
        pass

    def transcribed(self, progress: Progress) -> None:
        pass

    def tagging(self, conversations: int) -> None:
        pass

    def tagged(self, done: int, total: int) -> None:
        pass

    def auditing(self) -> None:
        pass


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """Everything that a run found. `recognizer` is None where nothing was to be transcribed; `unplaced` are judgements
    of people whose words are in no turn any more."""

    dataset: Dataset
    conversations: tuple[Conversation, ...]
    tags: tuple[Tag, ...]
    profiles: tuple[Profile, ...]
    leads: tuple[AuditedLead, ...]
    policy: Policy
    as_of: datetime
    lexicon_version: str
    recognizer: str | None
    audio_seconds: float = 0.0
    unplaced: tuple[Correction, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many of each, for people and for the database."""
        return {
            "clients": len(self.dataset.clients),
            "conversations": len(self.conversations),
            "tags": len(self.tags),
            "leads": len(self.leads),
            "events": len(self.dataset.events),
            "errors": len(self.dataset.errors),
            "warnings": len(self.dataset.warnings),
            "rejects": len(self.dataset.rejects),
        }


@dataclass(kw_only=True)
class _Heard:
    conversations: tuple[Conversation, ...]
    recognizer: str | None = None
    audio_seconds: float = field(default=0.0)


def run(
    dataset: Dataset,
    *,
    as_of: datetime,
    recognizer: Callable[[], Recognizer],
    cache: TranscriptCache,
    given_tags: Callable[[Sequence[Conversation]], tuple[Tag, ...]] | None = None,
    corrections: Sequence[Correction] = (),
    large: LargeTagger | None = None,
    model: Model | Literal["shipped"] | None = "shipped",
    watcher: Watcher | None = None,
) -> RunResult:
    """All stages over one dataset.

    `recognizer` is called only where a recording is to be transcribed: loading a model takes seconds. `given_tags`
    brings tags made by hand for the conversations; then no tagger runs. `corrections` are what people judged of earlier
    runs' tags; they have the last word. `large` asks a large model of the firm beside the taggers, `model` is the
    learned one that reads beside the rules. Raises PolicyError for a bad policy file.
    """
    told = watcher or Nobody()
    policy = load_policy(dataset.policy)
    calendar = load_calendar(policy)
    heard = _transcribe(dataset, recognizer, cache, told)
    if given_tags is not None:
        tags = given_tags(heard.conversations)
    else:
        if large is not None:
            large.expect(heard.conversations)
        tags = _tag(heard.conversations, ConversationTagger(calendar=calendar, large=large, model=model), told)
    judged = corrected(heard.conversations, tags, corrections)
    tags = judged.tags
    told.auditing()
    return RunResult(
        dataset=dataset,
        conversations=heard.conversations,
        tags=tags,
        profiles=profiles_of(dataset, tags, policy=policy, as_of=as_of),
        leads=audit_dataset(dataset, heard.conversations, tags, policy=policy, calendar=calendar, as_of=as_of),
        policy=policy,
        as_of=as_of,
        lexicon_version=lexicon_version(),
        recognizer=heard.recognizer,
        audio_seconds=heard.audio_seconds,
        unplaced=judged.unplaced,
    )


def audit_dataset(
    dataset: Dataset,
    conversations: Sequence[Conversation],
    tags: Sequence[Tag],
    *,
    policy: Policy,
    calendar: TradingCalendar,
    as_of: datetime,
) -> tuple[AuditedLead, ...]:
    """The audit stage: the leads of a dataset as they stand at `as_of`."""
    given = AuditInput(
        conversations=tuple(conversations),
        tags=tuple(tags),
        events=dataset.events,
        clients=dataset.clients,
        advisors=dataset.advisors,
    )
    return audit(given, policy=policy, calendar=calendar, topics=load_topics(), as_of=as_of)


def recordings_to_do(dataset: Dataset) -> int:
    """How many recordings and voice messages are to be transcribed."""
    calls = sum(1 for c in dataset.conversations if c.recording is not None and c.transcript_state in TO_DO)
    return calls + sum(1 for v in dataset.voice_messages if v.path)


def _transcribe(
    dataset: Dataset, recognizer: Callable[[], Recognizer], cache: TranscriptCache, told: Watcher
) -> _Heard:
    todo = recordings_to_do(dataset)
    if not todo:
        return _Heard(conversations=dataset.conversations)
    told.transcribing(todo)
    engine = recognizer()
    seconds = 0.0

    def on_progress(progress: Progress) -> None:
        nonlocal seconds
        seconds = progress.audio_s
        told.transcribed(progress)

    done = tuple(
        transcribe_all(
            dataset.conversations,
            Path(dataset.root),
            engine,
            cache,
            on_progress,
            voices={v.msgid: v.path for v in dataset.voice_messages if v.path},
        )
    )
    return _Heard(conversations=done, recognizer=engine.name, audio_seconds=seconds)


def _tag(conversations: Sequence[Conversation], tagger: Tagger, told: Watcher) -> tuple[Tag, ...]:
    told.tagging(len(conversations))
    return tag_conversations(conversations, tagger, on_tagged=told.tagged)
