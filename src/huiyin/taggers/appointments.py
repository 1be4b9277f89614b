"""How two people settle when to talk or meet (spec/tags.md, "Appointments").

The talk is read as a negotiation: the advisor asks or proposes, the client names a time, takes the proposal, puts
another in its place, or puts it off; the advisor may narrow what was named ("7号晚上吧" – "7号晚上八点"). The last time
agreed on wins. Times named only because something else is then ("礼拜四我要去喝喜酒 礼拜五吧") fix nothing. On the way
the client tells which times suit him as a rule, or never do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from huiyin.taggers.analysis import Analysis, Reply
from huiyin.taggers.candidate import Span
from huiyin.taggers.contact_times import Said, Talk, blocked, is_standing, near, suggested, talks, times_of
from huiyin.taggers.dialogue import reply_of
from huiyin.taggers.values.times import Habit, TimeSpan, Window, resolve_habit, resolve_window

RECENT = 2
"""Talks after which a question or a named time no longer waits for an answer."""
SHORT = 30
"""Characters up to which an advisor's talk with a time, after the client named one, only repeats or narrows it."""
NEVER = -9


@dataclass(frozen=True)
class Appointment:
    """`window` as YYYY-MM-DDTHH:MM ends; `quote` the client's words where he named the time, else the proposal."""

    window: Window
    quote: Span
    support: tuple[Span, ...]
    rule: str
    by_client: bool


@dataclass(frozen=True)
class Standing:
    """A habit: `kind` is preferred or avoid."""

    kind: str
    habit: Habit
    quote: Span
    support: tuple[Span, ...]


@dataclass
class Settled:
    """What the negotiation came to, and where it stands on the way."""

    agreed: Appointment | None = None
    habits: list[Standing] = field(default_factory=list)
    asked: int = NEVER  # the talk in which the advisor asked for a time
    standing: bool = False  # the question was for a habit
    proposed: tuple[int, list[Said]] | None = None
    named: tuple[int, list[Said]] | None = None
    tentative: tuple[int, list[Said]] | None = None  # the client would come then; stands once the advisor takes it up
    offered: int = NEVER  # the talk in which the advisor last proposed one
    told: int = NEVER  # the talk in which the client last told a habit
    context: list[TimeSpan] = field(default_factory=list)  # weekdays of the habit that is being talked of


def settle(analysis: Analysis) -> Settled:
    """The appointment and the habits that the conversation ends with."""
    state = Settled()
    for number, talk in enumerate(talks(analysis)):
        if talk.is_client:
            _client(analysis, state, number, talk)
        else:
            _advisor(analysis, state, number, talk)
    return state


def _advisor(analysis: Analysis, state: Settled, number: int, talk: Talk) -> None:
    every = times_of(talk)
    times = [s for s in every if not s.span.vague and not s.span.every]
    if talk.has("asks", about="habit") or (every and is_standing(talk, every) and talk.has("propose")):
        state.asked, state.standing = number, True
        state.context = [s.span for s in every if s.span.weekdays]
        return
    told = bool(state.habits) and number - state.told == 1
    if number - state.asked == RECENT and state.standing and (told or len(talk.text) <= 12):
        state.asked = number  # "那下午呢" goes on with the question
        state.context += [s.span for s in every if s.span.weekdays]
        return
    if talk.has("asks", about="appointment"):
        state.asked, state.standing = number, bool(state.habits) and number - state.told == 1
        if state.standing:
            return
    if not times or talk.has("not_contact"):
        return
    contact = any(near(talk, s, "propose", after=22, before=10) for s in times)
    bare = len(talk.text) <= SHORT and not talk.has("material")
    for waiting in (state.named, state.tentative):
        if waiting and number - waiting[0] == 1 and (contact or bare):
            _agree(analysis, state, number, (*waiting[1], *times), rule="contact_time.callback.confirmed")
            state.proposed = (number, state.named[1]) if state.named else None
            return
    going_on = (
        number - max(state.asked, state.offered) <= RECENT or state.agreed is not None or talk.has("propose_bare")
    )
    if contact or (bare and going_on):
        state.proposed, state.offered = (number, times), number


def _client(analysis: Analysis, state: Settled, number: int, talk: Talk) -> None:
    proposed = state.proposed if state.proposed and number - state.proposed[0] == 1 else None
    state.proposed = None
    asked = number - state.asked == 1
    times = times_of(talk, answering=asked or proposed is not None)
    if times and not proposed and ((state.standing and asked) or is_standing(talk, times)):
        _tell_habits(analysis, state, number, talk, times, asked)
        return
    trading = [s for s in times if s.against and s.span.part and s.span.part.trading]
    if trading and not state.named:
        _tell_habits(analysis, state, number, talk, trading, asked or proposed is not None)
        return
    fits = [s for s in times if not (s.against or s.span.every or blocked(analysis.turns[s.turn], s.span))]
    if talk.has("noncommittal") and not _is_new(analysis, fits, proposed):
        if proposed or (state.named and number - state.named[0] <= RECENT):
            state.agreed = state.named = None
        return
    doing = talk.has("busy_doing")
    put_forward = any(suggested(analysis.turns[s.turn], s.span) for s in fits)
    wanted = any(near(talk, s, "reach") for s in times) or (doing and put_forward)
    if asked and not doing and fits and all(s.span.bound == "after" and not s.span.day for s in fits):
        _tell_habits(analysis, state, number, talk, times, asked)  # 什么时候方便 – 晚上八点半往后
    elif fits and all(s.span.vague for s in fits):
        return  # 等会儿再打: _busy of contact_time.py
    elif fits and (proposed or asked or wanted or _goes_on(state, number, talk)):
        base = proposed[1] if proposed else state.named[1] if state.named and number - state.named[0] <= RECENT else []
        rule = "contact_time.callback.countered" if proposed else "contact_time.callback.named"
        _agree(analysis, state, number, [*base, *fits], rule=rule)
    else:
        _without_time(analysis, state, number, talk, proposed, times if wanted or asked else (), fits)


def _without_time(
    analysis: Analysis,
    state: Settled,
    number: int,
    talk: Talk,
    proposed: tuple[int, list[Said]] | None,
    refused: Sequence[Said],
    fits: Sequence[Said],
) -> None:
    """The client fixes no time of his own: he says from when on, takes the proposal, or turns it down."""
    after = _after_refused(refused) if not fits else []
    if after:
        _agree(analysis, state, number, after, rule="contact_time.callback.not_before")
    elif proposed and _accepts(talk):
        _agree(analysis, state, number, proposed[1], rule="contact_time.callback.accepted", answer=talk)
    elif proposed and state.agreed and talk.has("refuses"):
        state.agreed = None
    elif any(near(talk, s, "reach_meet") for s in fits):
        state.tentative = (number, list(fits))


def _is_new(analysis: Analysis, fits: Sequence[Said], proposed: tuple[int, list[Said]] | None) -> bool:
    """Whether the client names another time than the one proposed, and does not only repeat it doubtfully."""
    if not fits or proposed is None:
        return False
    anchor = analysis.turns[fits[-1].turn].moment
    named = resolve_window([s.span for s in fits], anchor=anchor)
    return named is not None and named != resolve_window([s.span for s in proposed[1]], anchor=anchor)


def _goes_on(state: Settled, number: int, talk: Talk) -> bool:
    """A short further word on the time that was just named ("后儿个几点" – "晌午端，十二点")."""
    return state.named is not None and number - state.named[0] <= RECENT and len(talk.text) <= SHORT


def _after_refused(times: Sequence[Said]) -> list[Said]:
    """ "初八之前你莫找我" means from then on."""
    return [
        Said(s.turn, replace(s.span, bound="after"))
        for s in times
        if s.against and s.span.bound == "before" and s.span.day and not s.span.hour
    ]


def _accepts(talk: Talk) -> bool:
    if talk.has("refuses") or "？" in talk.text or "?" in talk.text:
        return False
    return talk.has("accepts") or any(reply_of(t.text, asked=True) is Reply.YES for t in talk.turns)


def _agree(
    analysis: Analysis, state: Settled, number: int, times: Sequence[Said], *, rule: str, answer: Talk | None = None
) -> None:
    window = resolve_window([s.span for s in times], anchor=analysis.turns[times[-1].turn].moment)
    if window is None:
        return
    client = [s for s in times if analysis.turns[s.turn].is_client]
    quote = _words(analysis, client[-1] if client else times[-1])
    support = [s.place for s in times if s.turn != quote.turn]
    if answer:
        support += [Span(t.index, 0, len(t.text)) for t in answer.turns]
    state.named = (number, list(times))
    state.agreed = Appointment(window, quote, tuple(support), rule, bool(client))


def _words(analysis: Analysis, said: Said) -> Span:
    """The words around a time up to the clause's borders."""
    clause = analysis.turns[said.turn].clause_at(said.span.start)
    return Span(said.turn, clause.start, max(clause.end, said.span.end)) if clause else said.place


def _tell_habits(
    analysis: Analysis, state: Settled, number: int, talk: Talk, times: Sequence[Said], asked: bool
) -> None:
    said = [s for s in times if not s.span.vague]
    about = any(near(talk, s, "reach", after=20) or near(talk, s, "avoid_words") for s in said)
    if not (asked or about or _asked_next(analysis, talk)):
        return
    suits = [s for s in said if not s.against and not blocked(analysis.turns[s.turn], s.span)]
    never = [s for s in said if s.against == "forbidden" or (s.against and (not suits or _asked_bad(analysis, talk)))]
    support = _question(analysis, talk) if asked else ()
    for kind, chosen in (("avoid", never), ("preferred", suits)):
        habit = resolve_habit([*(state.context if kind == "preferred" else ()), *(s.span for s in chosen)])
        if not chosen:
            continue
        if habit is None or habit == (("any",), None, None):
            monthly = any(s.span.day and not s.span.every for s in chosen) and near(talk, chosen[-1], "avoid_words")
            if kind == "preferred" or not monthly:
                continue
            habit = Habit(("any",), None, None)  # days of every month
        state.told = number
        state.habits.append(_standing(analysis, kind, habit, chosen, support))
    state.context = [s.span for s in said if s.span.weekdays] or state.context


def _standing(
    analysis: Analysis, kind: str, habit: Habit, times: Sequence[Said], support: tuple[Span, ...]
) -> Standing:
    last = times[-1]
    words = _words(analysis, last)
    start = min(words.start, *(s.span.start for s in times if s.turn == last.turn))
    extra = tuple(s.place for s in times if s.turn != last.turn)
    return Standing(kind, habit, replace(words, start=start), (*support, *extra))


def _question(analysis: Analysis, talk: Talk) -> tuple[Span, ...]:
    before = talk.turns[0].index - 1
    return (Span(before, 0, len(analysis.turns[before].text)),) if before >= 0 else ()


def _asked_bad(analysis: Analysis, talk: Talk) -> bool:
    """Whether the advisor asked for the times that do not suit."""
    before = talk.turns[0].index - 1
    return before >= 0 and any(w in analysis.turns[before].text for w in ("不方便", "忙", "太早", "太晚"))


def _asked_next(analysis: Analysis, talk: Talk) -> bool:
    """Whether the advisor takes it up with a question for times."""
    after = talk.turns[-1].index + 1
    if after >= len(analysis.turns):
        return False
    return Talk((analysis.turns[after],)).has("asks", about="habit")
