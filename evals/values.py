"""How often the value of a labelled tag can be read from the tag's own turns.

    python evals/values.py [--missed] [FILE.jsonl ...]

For each gold amount, date, window, due time, habit and institution the best candidate among what the readers find is
compared with the label, by the rules of the scorer (spec/tags.md, "How a tagger is scored"). It measures the readers
alone: which candidate a tagger would take is not asked. The rows ", all" take no best candidate: all times of the
tag's turns are resolved together, the later word winning.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from huiyin.domain.conversation import Conversation
from huiyin.taggers.values.amounts import find_amounts
from huiyin.taggers.values.institutions import find_institutions
from huiyin.taggers.values.repair import repair
from huiyin.taggers.values.times import TimeSpan, find_times, resolve_dates, resolve_habit, resolve_window

DEFAULT = ("dev_set/d1", "dev_set/d2", "train_set/t1", "train_set/t2", "train_set/t3", "train_set/t4")
Turns = Sequence[tuple[datetime, str]]


def amount_found(turns: Turns, wanted: Sequence[float], currency: str | None) -> bool:
    spans = [a for _, text in turns for a in find_amounts(text, default_unit="wan")]
    low, high = wanted
    return any(
        a.low * 0.8 <= high * 1.2 and low * 0.8 <= a.high * 1.2 and (currency is None or a.currency == currency)
        for a in spans
    )


def _combinations(turns: Turns) -> Iterator[tuple[list[TimeSpan], datetime]]:
    """All spans together, those of each turn, those of each pair of turns, each alone."""
    found = [(find_times(text, anchor=moment), moment) for moment, text in turns]
    yield [s for spans, _ in found for s in spans], found[-1][1]
    for i, (spans, moment) in enumerate(found):
        yield spans, moment
        for later, _ in found[i + 1 :]:
            yield spans + later, moment
        for span in spans:
            yield [span], moment


def _options(turns: Turns, together: bool) -> Iterator[tuple[list[TimeSpan], datetime]]:
    options = _combinations(turns)
    return iter([next(options)]) if together else options


def dates_found(turns: Turns, wanted: Sequence[str], *, together: bool = False) -> bool:
    start = date.fromisoformat(wanted[0])
    options = (resolve_dates(spans, anchor=moment) for spans, moment in _options(turns, together))
    return any(o is not None and abs((o[0] - start).days) <= 3 for o in options)


def window_found(turns: Turns, wanted: Sequence[str | None], *, together: bool = False) -> bool:
    for spans, moment in _options(turns, together):
        found = resolve_window(spans, anchor=moment)
        if found is None:
            if wanted[0] is None and wanted[1] is None:
                return True
            continue
        if wanted[0] is None or found[0] is None:
            if wanted[0] == found[0] and (wanted[1] is None) == (found[1] is None):
                return True
            continue
        a, b = datetime.fromisoformat(wanted[0]), datetime.fromisoformat(found[0])
        if a.date() == b.date() and abs((a - b).total_seconds()) <= 3600:
            return True
    return False


def habit_found(turns: Turns, value: dict[str, Any], *, together: bool = False) -> bool:
    for spans, _ in _options(turns, together):
        found = resolve_habit(spans)
        if found is None or set(found.days) != set(value["days"]):
            continue
        a, b = value["from"], found.from_
        if a == b or (a and b and abs(_minutes(a) - _minutes(b)) <= 60):
            return True
    return False


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def institution_found(turns: Turns, wanted: str) -> bool:
    return any(
        (i.institution and (i.institution.startswith(wanted) or wanted.startswith(i.institution)))
        or any(n.institution == wanted for n in i.alternatives)
        for _, text in turns for i in find_institutions(text)
    )  # fmt: skip


def slots(tag: dict[str, Any], turns: Turns) -> Iterator[tuple[str, bool, Any]]:
    """(slot, whether it could be read, the label) for each value of the tag that the readers serve."""
    value = tag.get("value") or {}
    if value.get("amount"):
        yield "amount", amount_found(turns, value["amount"], value.get("currency")), value["amount"]
    for name in ("available_from", "matures_on"):
        if value.get(name):
            yield name, dates_found(turns, value[name]), value[name]
            yield f"{name}, all", dates_found(turns, value[name], together=True), value[name]
    for name in ("window", "due"):
        if value.get(name):
            yield name, window_found(turns, value[name]), value[name]
            yield f"{name}, all", window_found(turns, value[name], together=True), value[name]
    if value.get("kind") in ("preferred", "avoid"):
        wanted = {k: value[k] for k in ("days", "from", "to")}
        yield "habit", habit_found(turns, value), wanted
        yield "habit, all", habit_found(turns, value, together=True), wanted
    if value.get("institution"):
        yield "institution", institution_found(turns, value["institution"]), value["institution"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(__file__).resolve().parent.parent.parent / "shared"
    parser.add_argument("files", nargs="*", type=Path, default=[shared / f"{name}.jsonl" for name in DEFAULT])
    parser.add_argument("--missed", action="store_true", help="print what could not be read")
    options = parser.parse_args()
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for path in options.files:
        for line in path.read_text(encoding="utf-8").splitlines():
            raw = json.loads(line)
            tags = raw.pop("tags", [])
            conversation = Conversation.model_validate(raw)
            for tag in tags:
                turns = [
                    (conversation.moment(t.start), repair(t.text, finance_context=True).text)
                    for t in conversation.turns
                    if t.turn in tag["turns"]
                ]
                for slot, ok, wanted in slots(tag, turns):
                    counts[slot][0] += ok
                    counts[slot][1] += 1
                    if options.missed and not ok:
                        print(conversation.conversation_id, slot, wanted, " / ".join(t for _, t in turns))
    for slot, (hit, total) in sorted(counts.items()):
        print(f"{slot:<20}{hit:>5} of {total:<5}{hit / total:>8.3f}")


if __name__ == "__main__":
    main()
