"""Institutions named in talk: brokers, banks, platforms, insurers, trusts, private funds.

Names and what they collide with are data (lexicons/institutions.yaml; domain-facts D.4 to D.6, D.15, D.17). Longest
match first; a short name that is also a word or belongs to several firms needs words of place or money around it.

    >>> [(i.institution, i.type) for i in find_institutions("涨乐里头还有二十几万的票")]
    [('华泰证券', 'broker')]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple

import ahocorasick

from huiyin import lexicon
from huiyin.taggers.values.sounds import accented


class Named(NamedTuple):
    """An institution: canonical short name and type (spec/tags.md, external_assets)."""

    institution: str
    type: str


@dataclass(frozen=True, slots=True)
class InstitutionSpan:
    """An institution named in text[start:end].

    `institution` is the canonical short name, None where none is named (别的券商, 银行). `alternatives` are the other
    houses of that name (平安: bank, insurer, trust), for a tagger that sees more of the talk than one turn.
    """

    start: int
    end: int
    text: str
    institution: str | None
    type: str
    entry: str
    confidence: float = 1.0
    alternatives: tuple[Named, ...] = ()
    successor: str | None = None


Way = Literal["sure", "short", "heard", "collision"]
SURE, SHORT, HEARD, SOUND, PATTERN = 1.0, 0.8, 0.85, 0.6, 0.7
_CONFIDENCE: dict[str, float] = {"sure": SURE, "short": SHORT, "heard": HEARD}


_HOUSE = r"那边|那头|那儿|那里|证券|银行|的?户头|的账户|app|APP"


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    name: str
    type: str
    now: str | None


@dataclass(frozen=True, slots=True)
class _Surface:
    text: str
    way: Way
    entries: tuple[_Entry, ...]


@dataclass(frozen=True)
class _Lexicon:
    automaton: Any
    after: re.Pattern[str]
    before: re.Pattern[str]
    reach: int
    cues: dict[str, re.Pattern[str]]
    guards: dict[str, tuple[str, str]]
    generic: tuple[tuple[str, str, re.Pattern[str]], ...]
    places: re.Pattern[str]
    kinds: dict[str, str]
    kind_word: re.Pattern[str]
    share_before: re.Pattern[str]
    share_after: re.Pattern[str]
    misheard: re.Pattern[str]
    house_word: re.Pattern[str]
    sounds: dict[str, _Surface]
    not_misheard: frozenset[str]


def find_institutions(text: str) -> list[InstitutionSpan]:
    """All institutions in `text`, in order, none overlapping; the named before the unnamed."""
    lexis = _lexicon()
    taken: list[tuple[int, int]] = []
    out: list[InstitutionSpan] = []

    def free(start: int, end: int) -> bool:
        return all(end <= a or b <= start for a, b in taken)

    for start, end, surface in _longest(lexis, text):
        taken.append((start, end))
        span = _judge(lexis, text, start, end, surface)
        if span:
            out.append(span)
        elif surface.way == "short":
            taken.pop()
    for more in (_by_place, _by_sound, _unnamed):
        for span in more(lexis, text):
            if free(span.start, span.end):
                taken.append((span.start, span.end))
                out.append(span)
    return sorted(out, key=lambda s: s.start)


def _longest(lexis: _Lexicon, text: str) -> Iterator[tuple[int, int, _Surface]]:
    hits = [(end - len(s.text) + 1, end + 1, s) for end, s in lexis.automaton.iter(text)]
    hits.sort(key=lambda h: (h[0] - h[1], h[0]))
    chosen: list[tuple[int, int, _Surface]] = []
    for hit in hits:
        if all(hit[1] <= a or b <= hit[0] for a, b, _ in chosen):
            chosen.append(hit)
    return iter(sorted(chosen, key=lambda h: h[0]))


def _judge(lexis: _Lexicon, text: str, start: int, end: int, surface: _Surface) -> InstitutionSpan | None:
    if surface.way == "collision":
        return None
    before, after = lexis.guards.get(surface.text, ("", ""))
    if (start and text[start - 1] in before) or (end < len(text) and text[end] in after):
        return None
    if {e.type for e in surface.entries} & {"bank", "insurance"} and (
        lexis.share_before.search(text[max(0, start - 1) : start]) or lexis.share_after.match(text, end)
    ):
        return None
    near = text[max(0, start - lexis.reach) : end + lexis.reach]
    if surface.way == "short" and not _in_place(lexis, text, start, end, surface, near):
        return None
    entry = _closest(lexis, text, start, end, surface)
    others = tuple(Named(e.name, e.type) for e in surface.entries if e is not entry)
    return InstitutionSpan(
        start, end, text[start:end], entry.name, entry.type, entry.id, _CONFIDENCE[surface.way], others, entry.now
    )


def _in_place(lexis: _Lexicon, text: str, start: int, end: int, surface: _Surface, near: str) -> bool:
    if lexis.after.match(text, end) or lexis.before.search(text[max(0, start - 3) : start]):
        return True
    outside = near.replace(surface.text, "")
    return any(lexis.cues[e.type].search(outside) for e in surface.entries if e.type in lexis.cues)


def _closest(lexis: _Lexicon, text: str, start: int, end: int, surface: _Surface) -> _Entry:
    """Of several houses of one name the one whose kind of product is spoken of nearest; a broker where none is."""
    if len(surface.entries) == 1:
        return surface.entries[0]
    reach = lexis.reach

    def distance(entry: _Entry) -> int:
        ahead = lexis.cues[entry.type].search(text, end, end + reach)
        behind = [m.end() for m in lexis.cues[entry.type].finditer(text, max(0, start - reach), start)]
        return min(ahead.start() - end if ahead else 99, (start - behind[-1] + 2) if behind else 99)

    return min(surface.entries, key=distance)


def _by_place(lexis: _Lexicon, text: str) -> Iterator[InstitutionSpan]:
    if not lexis.kind_word.search(text):
        return
    for found in lexis.places.finditer(text):
        kind = found.group("kind")
        name = "农村信用社" if kind in ("信用社", "农信社", "农信") else found.group()
        name = name.replace("农村商业银行", "农商行").replace("农商银行", "农商行")
        yield InstitutionSpan(
            found.start(), found.end(), found.group(), name, lexis.kinds[kind], "inst.place_and_kind", PATTERN + 0.2
        )


def _by_sound(lexis: _Lexicon, text: str) -> Iterator[InstitutionSpan]:
    """Two characters that sound like a short name, beside words that only follow a house (光发那边)."""
    if not lexis.house_word.search(text):
        return
    for found in lexis.misheard.finditer(text):
        raw = found.group("name")
        surface = lexis.sounds.get("".join(f"{accented(c)} " for c in raw))
        if surface is None or raw in lexis.not_misheard:
            continue
        entry = _closest(lexis, text, found.start("name"), found.end("name"), surface)
        yield InstitutionSpan(
            found.start("name"), found.end("name"), raw, entry.name, entry.type, entry.id, SOUND,
            tuple(Named(e.name, e.type) for e in surface.entries if e is not entry), entry.now,
        )  # fmt: skip


def _unnamed(lexis: _Lexicon, text: str) -> Iterator[InstitutionSpan]:
    for entry, kind, pattern in lexis.generic:
        for found in pattern.finditer(text):
            yield InstitutionSpan(found.start(), found.end(), found.group(), None, kind, entry, PATTERN)


def _alternatives(folded: str) -> str:
    return "|".join(sorted((w for w in re.split(r"[|\s]+", folded) if w), key=len, reverse=True))


@cache
def _lexicon() -> _Lexicon:
    data = lexicon.load("institutions")
    surfaces = _surfaces(data)
    automaton = ahocorasick.Automaton()
    for surface in surfaces.values():
        automaton.add_word(surface.text, surface)
    automaton.make_automaton()
    kinds = {k: t for t, folded in data["kinds"].items() for k in folded.split("|")}
    shorts = {
        "".join(f"{accented(c)} " for c in s.text): s
        for s in surfaces.values()
        if len(s.text) == 2 and any(e.type in ("broker", "bank") for e in s.entries)
    }
    context = data["context"]
    return _Lexicon(
        automaton=automaton,
        after=re.compile(_alternatives(context["after"]).replace("的?|", "的?")),
        before=re.compile(f"(?:{_alternatives(context['before'])})$"),
        reach=context["reach"],
        cues={k: re.compile(v) for k, v in context["cues"].items()},
        guards={k: (v["before"], v["after"]) for k, v in data["guards"].items()},
        generic=tuple((g["id"], g["type"], re.compile(g["pattern"])) for g in data["generic"]),
        places=re.compile(
            f"(?:{_alternatives(data['places'])})(?P<kind>{_alternatives('|'.join(kinds))})(?!交易所|报)"
        ),
        kinds=kinds,
        share_before=re.compile(data["as_share"]["before"]),
        share_after=re.compile(data["as_share"]["after"]),
        kind_word=re.compile(_alternatives("|".join(kinds))),
        misheard=re.compile(rf"(?=(?P<name>[\u4e00-\u9fff]{{2}})(?:{_HOUSE}))"),
        house_word=re.compile(_HOUSE),
        sounds=shorts,
        not_misheard=frozenset(data["not_misheard"]),
    )


def _surfaces(data: dict[str, Any]) -> dict[str, _Surface]:
    """Every way to say a name. One said of several houses keeps them all, in the order of the file."""
    found: dict[str, tuple[Way, list[_Entry]]] = {}
    for row in data["entries"]:
        entry = _Entry(row["id"], row["name"], row["type"], row.get("now"))
        ways: tuple[tuple[Way, str], ...] = (("sure", "sure"), ("heard", "heard_as"), ("short", "short"))
        for way, field in ways:
            for name in row.get(field, ()):
                known = found.setdefault(name, (way, []))
                if known[0] == way or way == "short":
                    known[1].append(entry)
    for word in data["collisions"]:
        found.setdefault(word, ("collision", []))
    return {name: _Surface(name, way, tuple(entries)) for name, (way, entries) in found.items()}
