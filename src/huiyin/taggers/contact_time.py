"""contact_time (spec/tags.md, "Service"): appointments, and the times that suit a client or do not.

Both come from the negotiation (appointments.py). "现在不方便" with no time named is an appointment with both ends open.
"""

from __future__ import annotations

from collections.abc import Iterator

from huiyin.taggers.analysis import Analysis
from huiyin.taggers.appointments import settle
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.contact_times import TAG, talks
from huiyin.taggers.rules import match_rules

GOES_ON = 3
"""Client talks after "现在不方便" that show that the call went on all the same."""


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for contact_time."""
    settled = settle(analysis)
    for standing in settled.habits:
        habit = standing.habit
        yield Candidate(
            tag=TAG,
            value={"kind": standing.kind, "days": habit.days, "from": habit.from_, "to": habit.to},
            quote=standing.quote,
            support=standing.support,
            rule=f"contact_time.{standing.kind}",
            score=0.75,
        )
    appointment = settled.agreed
    if appointment is not None:
        yield Candidate(
            tag=TAG,
            value={"kind": "callback", "window": appointment.window},
            quote=appointment.quote,
            support=appointment.support,
            rule=appointment.rule,
            score=0.8 if appointment.by_client else 0.75,
        )
    elif not settled.habits:
        yield from _busy(analysis)


def _busy(analysis: Analysis) -> Iterator[Candidate]:
    """ "不太方便，在面试呢": an appointment with no time."""
    spoken = talks(analysis)
    for number, talk in enumerate(spoken):
        if not talk.is_client or talk.has("goes_on") or talk.has("noncommittal"):
            continue
        if sum(t.is_client for t in spoken[number + 1 :]) >= GOES_ON:
            continue
        doing = talk.has("busy_doing")
        for turn in talk.turns:
            for match in match_rules(TAG, turn, section="busy"):
                if match.rule.value.get("needs_doing") and not doing:
                    continue
                before = turn.index - 1
                yield Candidate(
                    tag=TAG,
                    value={"kind": "callback", "window": (None, None)},
                    quote=Span(turn.index, match.start, match.end),
                    support=(Span(before, 0, len(analysis.turns[before].text)),) if before >= 0 else (),
                    rule=match.rule.id,
                    score=match.rule.score,
                )
