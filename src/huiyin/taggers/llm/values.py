"""A model's value, checked against what was said: sums, days, windows and names are read again by the value readers.

A model tells well what a sum or a time belongs to, and reckons badly. So its own figure stands where the readers
find that very sum or day in the turns it points to, or nothing at all; where they find another one, or the model gave
none or a malformed one, theirs stands. A name that nobody said is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from huiyin.domain.record import in_shanghai
from huiyin.domain.tag import Stance
from huiyin.domain.tags import DAYS, INSTITUTION_TYPES
from huiyin.taggers.analysis import AnalysedTurn, Analysis
from huiyin.taggers.money import money_in, usable
from huiyin.taggers.values.institutions import InstitutionSpan, find_institutions
from huiyin.taggers.values.time_spans import TimeSpan
from huiyin.taggers.values.times import Window, resolve_dates, resolve_habit, resolve_window

WIDER = 0.2
"""Share by which two sums are widened before they are compared (spec/tags.md, "How a tagger is scored")."""
FURTHEST = 10
"""Years ahead of the conversation beyond which no day of a client's money lies."""
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_NUMERAL = re.compile(r"[一二两三四五六七八九十百千万亿几半\d]")
Days = tuple[str, str]


@dataclass(frozen=True)
class Place:
    """Where a tag was said: the turn of its quote, the character it begins at, and all turns that prove it."""

    analysis: Analysis
    turn: AnalysedTurn
    at: int
    proof: tuple[AnalysedTurn, ...]

    @property
    def times(self) -> list[TimeSpan]:
        return [t for turn in self.proof for t in turn.times if not t.past]


def checked_value(tag: str, stance: Stance, given: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """The value with its figures checked; what is wrong in the discriminator is left for TagType.normalise."""
    check = _CHECKS.get(tag)
    return check(dict(given), stance, place) if check else dict(given)


def _idle_funds(given: dict[str, Any], stance: Stance, place: Place) -> dict[str, Any]:
    if stance is Stance.NEGATED:
        return {"amount": None, "available_from": None}
    return {**_sum(given, place), "available_from": _days(given.get("available_from"), place)}


def _external_assets(given: dict[str, Any], stance: Stance, place: Place) -> dict[str, Any]:
    name, kind = _institution(given, place)
    value: dict[str, Any] = {"institution": name, "institution_type": kind}
    if stance is Stance.NEGATED:
        return {**value, "product": None, "amount": None, "matures_on": None}
    product = given.get("product")
    said = isinstance(product, str) and product and any(product in t.text for t in place.analysis.turns)
    return {
        **value, **_sum(given, place), "product": product if said else None,
        "matures_on": _days(given.get("matures_on"), place),
    }  # fmt: skip


def _contact_time(given: dict[str, Any], stance: Stance, place: Place) -> dict[str, Any]:
    if given.get("kind") == "callback":
        return {"kind": "callback", "window": _window(given.get("window"), place) or (None, None)}
    days, low, high = given.get("days"), given.get("from"), given.get("to")
    well = all(x is None or (isinstance(x, str) and _CLOCK.fullmatch(x)) for x in (low, high))
    names = [d for d in days if d in DAYS] if isinstance(days, list) else []
    if not well or not (names or low or high):
        habit = resolve_habit(place.times)
        names, low, high = (list(habit.days), habit.from_, habit.to) if habit else ([], None, None)
    return {"kind": given.get("kind"), "days": tuple(dict.fromkeys(names)) or ("any",), "from": low, "to": high}


def _commitment(given: dict[str, Any], stance: Stance, place: Place) -> dict[str, Any]:
    window = _window(given.get("due"), place)
    return {"action": given.get("action"), "due": window if window and any(window) else None}


_CHECKS: Mapping[str, Callable[[dict[str, Any], Stance, Place], dict[str, Any]]] = {
    "idle_funds": _idle_funds,
    "external_assets": _external_assets,
    "contact_time": _contact_time,
    "advisor_commitment": _commitment,
}


def _sum(given: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """`amount`, with `currency` where it is a foreign one."""
    own = pair_of_numbers(given.get("amount"))
    currency = given.get("currency") if given.get("currency") in ("USD", "HKD") else None
    said = [a for t in place.proof for a in usable(t)]
    same = [a for a in said if own is not None and _overlap(own, a.amount)]
    if own is not None and (same or (not said and any(_NUMERAL.search(t.text) for t in place.proof))):
        amount: tuple[float, float] | None
        # the reader's ends are exact where it read the same sum
        amount, currency = (same[0].amount, same[0].currency or currency) if same else (own, currency)
    else:
        found = next((m for t in _nearest_first(place) if (m := money_in(t))), None)
        amount, currency = (found.amount, found.span.currency) if found else (None, None)
    return {"amount": amount, **({"currency": currency} if currency and amount else {})}


def _nearest_first(place: Place) -> Iterable[AnalysedTurn]:
    return sorted(place.proof, key=lambda t: (abs(t.index - place.turn.index), t.index))


def pair_of_numbers(given: Any) -> tuple[float, float] | None:
    """[min, max] of positive finite numbers; one number is both ends."""
    values = given if isinstance(given, list) else [given]
    if not 1 <= len(values) <= 2 or any(isinstance(v, bool) or not isinstance(v, int | float) for v in values):
        return None
    low, high = float(values[0]), float(values[-1])
    return (low, high) if 0 < low <= high <= 1e12 else None


def _overlap(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return a[0] * (1 - WIDER) <= b[1] * (1 + WIDER) and b[0] * (1 - WIDER) <= a[1] * (1 + WIDER)


def _days(given: Any, place: Place) -> Days | None:
    own = _pair_of_days(given, place.turn.moment.date())
    said = [d for t in place.proof for s in t.times if not s.past and (d := _range(s, t.moment))]
    if own is not None and (not said or any(own[0] <= d[1] and d[0] <= own[1] for d in said)):
        return own
    for turn in _nearest_first(place):
        found = resolve_dates([t for t in turn.times if not t.past], anchor=turn.moment)
        if found is not None and found[1] >= turn.moment.date():
            return found[0].isoformat(), found[1].isoformat()
    return None


def _range(span: TimeSpan, anchor: datetime) -> Days | None:
    found = resolve_dates([span], anchor=anchor)
    return (found[0].isoformat(), found[1].isoformat()) if found else None


def _pair_of_days(given: Any, today: date) -> Days | None:
    if not isinstance(given, list) or len(given) != 2:
        return None
    try:
        low, high = (date.fromisoformat(str(d)) for d in given)
    except ValueError:
        return None
    in_reach = today <= high and low <= high and high.year <= today.year + FURTHEST
    return (low.isoformat(), high.isoformat()) if in_reach else None


def _window(given: Any, place: Place) -> Window | None:
    """The model's window where it falls on a day that the turns name, or they name none; else the readers'."""
    own = _pair_of_moments(given, place.turn.moment)
    read = next((w for t in _with_times(place) if (w := _read_window(t)) and any(w)), None)
    if read is None and place.times:
        read = resolve_window(place.times, anchor=place.turn.moment)
    if own is None or not any(own):
        return read or own
    said = [d for t in place.proof for s in t.times if not s.past and (d := _range(s, t.moment))]
    said += [(w[:10], w[:10]) for w in (read or ()) if w]
    on = [w[:10] for w in own if w]
    return own if not said or any(low <= day <= high for day in on for low, high in said) else read


def _with_times(place: Place) -> Sequence[AnalysedTurn]:
    return [t for t in _nearest_first(place) if any(not s.past for s in t.times)]


def _read_window(turn: AnalysedTurn) -> Window | None:
    return resolve_window([t for t in turn.times if not t.past], anchor=turn.moment)


def _pair_of_moments(given: Any, now: datetime) -> Window | None:
    if not isinstance(given, list) or len(given) != 2:
        return None
    ends: list[str | None] = []
    for end in given:
        if end is None:
            ends.append(None)
            continue
        try:
            moment = in_shanghai(datetime.fromisoformat(str(end)))
        except (ValueError, OverflowError):
            return None
        if moment.date() < now.date() or moment.year > now.year + FURTHEST:
            return None
        ends.append(f"{moment:%Y-%m-%dT%H:%M}")
    low, high = ends
    return None if low and high and low > high else (low, high)


def _institution(given: Mapping[str, Any], place: Place) -> tuple[str | None, str | None]:
    """The canonical name, if somebody said it, and the kind."""
    kind = given.get("institution_type")
    kind = kind if kind in INSTITUTION_TYPES else None
    name = given.get("institution")
    if not isinstance(name, str) or not name.strip():
        return None, kind
    named = find_institutions(name)
    wanted = {i.institution for i in named} - {None}
    heard = [i for t in place.analysis.turns for i in t.institutions if _is(i, wanted)]
    if heard:
        first = next((i for i in named if i.institution), heard[0])
        return first.institution, first.type
    said = any(name in t.text for t in place.analysis.turns)
    return (name if said and not wanted else None), kind or (named[0].type if named else None)


def _is(span: InstitutionSpan, wanted: set[str | None]) -> bool:
    return span.institution in wanted or any(a.institution in wanted for a in span.alternatives)
