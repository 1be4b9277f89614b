"""How good a tagger is on labelled conversations (spec/tags.md, "How a tagger is scored").

    >>> scores = evaluate(read_labelled([path]).conversations, tagger)
    >>> scores.micro.f1

Our own implementation of the specification; `tests/pipeline/test_evaluate.py` holds it to figures of its scorer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from huiyin.domain.conversation import Conversation
from huiyin.domain.record import Record
from huiyin.domain.tag import Stance, Tag
from huiyin.domain.tags import TAG_TYPES
from huiyin.pipeline.labelled import Label, Labelled
from huiyin.pipeline.tag import OnTagged, Tagger

WIDENED = 0.2
"""Amounts are right where the intervals overlap once each is widened by this share."""
DATE_SLACK = timedelta(days=3)
WINDOW_SLACK = timedelta(minutes=60)


class Score(Record):
    """Tags of one type, or of all: how many were hit, missed, and found for nothing."""

    hit: int = 0
    missed: int = 0
    spurious: int = 0

    @property
    def labelled(self) -> int:
        return self.hit + self.missed

    @property
    def predicted(self) -> int:
        return self.hit + self.spurious

    @property
    def precision(self) -> float | None:
        return self.hit / self.predicted if self.predicted else None

    @property
    def recall(self) -> float | None:
        return self.hit / self.labelled if self.labelled else None

    @property
    def f1(self) -> float | None:
        either = 2 * self.hit + self.missed + self.spurious
        return 2 * self.hit / either if either else None

    def as_json(self) -> dict[str, Any]:
        """The figures by name, as the specification's scorer gives them."""
        names = ("precision", "recall", "f1", "labelled", "predicted")
        return {name: getattr(self, name) for name in names}


class Slot(Record):
    """Of the matched tags that are labelled with a value of this kind, how many have it right."""

    right: int
    of: int

    @property
    def share(self) -> float:
        return self.right / self.of


class Scores(Record):
    """The whole table. `types` names every tag type; `errors` are lines for people, in the order of the data."""

    types: dict[str, Score]
    slots: dict[str, Slot]
    errors: tuple[str, ...] = ()

    @property
    def micro(self) -> Score:
        return Score(
            hit=sum(s.hit for s in self.types.values()),
            missed=sum(s.missed for s in self.types.values()),
            spurious=sum(s.spurious for s in self.types.values()),
        )

    @property
    def macro_f1(self) -> float | None:
        """The mean over the types that are labelled at all."""
        found = [s.f1 or 0.0 for s in self.types.values() if s.labelled]
        return sum(found) / len(found) if found else None

    def as_json(self) -> dict[str, Any]:
        """The table as the specification's scorer prints it with --json."""
        return {
            "micro": self.micro.as_json(),
            "macro_f1": self.macro_f1,
            "types": {name: score.as_json() for name, score in self.types.items()},
            "slots": {name: {"right": s.right, "of": s.of, "share": s.share} for name, s in sorted(self.slots.items())},
        }


def evaluate(labelled: Sequence[Labelled], tagger: Tagger, *, on_tagged: OnTagged | None = None) -> Scores:
    """Tags every conversation and scores what came of it."""

    def found() -> Iterable[tuple[Labelled, tuple[Tag, ...]]]:
        for done, one in enumerate(labelled, start=1):
            yield one, tagger(one.conversation)
            if on_tagged is not None:
                on_tagged(done, len(labelled))

    return score(found())


def score(pairs: Iterable[tuple[Labelled, Iterable[Tag | Label]]]) -> Scores:
    """Labelled conversations with what was found in each."""
    hit: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    spurious: Counter[str] = Counter()
    right: Counter[str] = Counter()
    of: Counter[str] = Counter()
    errors: list[str] = []
    for labelled, predicted in pairs:
        left = list(predicted)
        for gold in labelled.labels:
            best = _best(gold, left)
            if best is None:
                missed[gold.tag] += 1
                errors.append(_told("MISSED", labelled.conversation, gold))
                continue
            left.remove(best)
            hit[gold.tag] += 1
            for name, is_right in _slots(gold, best):
                of[name] += 1
                right[name] += is_right
                if not is_right and name != "evidence":
                    errors.append(_slot_error(labelled.conversation, gold, best, name))
        for extra in left:
            spurious[extra.tag] += 1
            errors.append(_told("SPURIOUS", labelled.conversation, extra))
    return Scores(
        types={t: Score(hit=hit[t], missed=missed[t], spurious=spurious[t]) for t in TAG_TYPES},
        slots={name: Slot(right=right[name], of=of[name]) for name in sorted(of)},
        errors=tuple(errors),
    )


def _best(gold: Label, left: Sequence[Tag | Label]) -> Tag | Label | None:
    """Of the tags that match, the first of those that share most evidence with the label."""
    matching = [p for p in left if matches(gold, p)]
    return max(matching, key=lambda p: len(set(p.turns) & set(gold.turns)), default=None)


def matches(gold: Label, found: Tag | Label) -> bool:
    """Whether type, stance and discriminator are equal (spec/tags.md)."""
    if (gold.tag, gold.stance) != (found.tag, found.stance):
        return False
    if gold.tag == "external_assets":
        return _same_place(gold, found)
    field = TAG_TYPES[gold.tag].discriminator
    return field is None or gold.value.get(field) == found.value.get(field)


def _same_place(gold: Label, found: Tag | Label) -> bool:
    """The institution where both name one (富途 is 富途证券 where the types agree), else its type."""
    here, there = gold.value.get("institution"), found.value.get("institution")
    same_type = gold.value.get("institution_type") == found.value.get("institution_type")
    if here and there:
        return bool(here == there or (same_type and (here.startswith(there) or there.startswith(here))))
    return same_type or gold.stance is Stance.NEGATED


def _slots(gold: Label, found: Tag | Label) -> Iterable[tuple[str, bool]]:
    yield "evidence", bool(set(gold.turns) & set(found.turns))
    for name, same in _SLOTS.items():
        if gold.value.get(name) is not None:
            yield name, same(gold.value.get(name), found.value.get(name))
    if gold.tag == "contact_time":
        yield "window", _same_time(gold.value, found.value)


def same_amount(a: Sequence[float] | None, b: Sequence[float] | None) -> bool:
    """Whether two intervals overlap once widened."""
    if not a or not b:
        return False
    low, high = 1 - WIDENED, 1 + WIDENED
    return a[0] * low <= b[1] * high and b[0] * low <= a[1] * high


def same_dates(a: Sequence[str] | None, b: Sequence[str] | None) -> bool:
    """Whether two spans of days begin within the slack."""
    if not a or not b:
        return False
    return abs(date.fromisoformat(a[0]) - date.fromisoformat(b[0])) <= DATE_SLACK


def same_window(a: Sequence[str | None] | None, b: Sequence[str | None] | None) -> bool:
    """Whether two windows begin on one day within the slack; open beginnings are equal."""
    first, second = (a or (None,))[0], (b or (None,))[0]
    if first is None or second is None:
        return first == second
    one, other = datetime.fromisoformat(first), datetime.fromisoformat(second)
    return one.date() == other.date() and abs(one - other) <= WINDOW_SLACK


def _same_time(gold: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    if gold.get("kind") == "callback":
        return same_window(gold.get("window"), found.get("window"))
    if set(gold.get("days") or ()) != set(found.get("days") or ()):
        return False
    first, second = _clock(gold.get("from")), _clock(found.get("from"))
    return first == second or (first is not None and second is not None and abs(first - second) <= WINDOW_SLACK)


def _clock(text: str | None) -> timedelta | None:
    return timedelta(hours=int(text[:2]), minutes=int(text[3:5])) if text else None


_SLOTS: dict[str, Callable[[Any, Any], bool]] = {
    "amount": same_amount,
    "available_from": same_dates,
    "matures_on": same_dates,
    "due": same_window,
}


def _told(what: str, talk: Conversation, tag: Tag | Label) -> str:
    words = " / ".join(t.text for t in talk.turns if t.turn in tag.turns)
    turns = list(tag.turns)
    return f"{what:8} {talk.conversation_id} {tag.tag} {tag.stance.value} {tag.value} turns {turns}: {words[:90]}"


def _slot_error(talk: Conversation, gold: Label, found: Tag | Label, name: str) -> str:
    if name == "window":
        return f"{'SLOT':8} {talk.conversation_id} {gold.tag} window: {found.value} for {gold.value}"
    values = f"{found.value.get(name)} for {gold.value.get(name)}"
    return f"{'SLOT':8} {talk.conversation_id} {gold.tag} {name}: {values}"


MICRO_SLACK = 0.01
TYPE_SLACK = 0.05
FEWEST_LABELS = 10
"""Types with fewer labels are not held to a figure of their own: one tag more or less would move it too far."""


def regressions(frozen: Scores, now: Scores) -> tuple[str, ...]:
    """Where `now` falls behind `frozen` by more than the slack, a line for each; both must be of the same data."""
    found = []
    for name, before in [("micro", frozen.micro), *frozen.types.items()]:
        after = now.micro if name == "micro" else now.types[name]
        slack = MICRO_SLACK if name == "micro" else TYPE_SLACK
        if before.f1 is None or (name != "micro" and before.labelled < FEWEST_LABELS):
            continue
        if (after.f1 or 0.0) < before.f1 - slack:
            found.append(f"{name}: F1 {after.f1 or 0.0:.3f}, was {before.f1:.3f} (may fall by {slack})")
    return tuple(found)
