"""Whether the first contact fell into the client's window (spec/audit.md, `in_window`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from huiyin.domain.calendar import TradingCalendar
from huiyin.domain.draft import Draft, callbacks_in, contacts_of
from huiyin.domain.due import Span, earliest, parse_window
from huiyin.domain.history import History
from huiyin.domain.lead import Contact, ContactKind
from huiyin.domain.leads import Appointment
from huiyin.domain.policy import Policy
from huiyin.domain.tag import Stance, Tag

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class WindowRules:
    """One client's windows: appointments of the walk, habits of the tags."""

    def __init__(
        self, history: History, appointments: Sequence[Appointment], *, policy: Policy, calendar: TradingCalendar
    ) -> None:
        self._history = history
        self._appointments = appointments
        self._grace = timedelta(minutes=policy.appointment_grace_minutes)
        self._calendar = calendar

    def in_window(self, lead: Draft, contacts: Sequence[Contact]) -> bool | None:
        """None: no window stated, or no contact yet. What the client did alone is no contact."""
        first = next((c.time for c in contacts if c.kind is not ContactKind.CLIENT_ONLY), None)
        if first is None:
            return None
        span = self.span_of(lead) or self._standing(lead, first)
        return span.holds(first, grace=self._grace) if span else self._in_habits(first)

    def span_of(self, lead: Draft) -> Span | None:
        """The callback of the lead's conversation; a callback's own window, which may have moved."""
        if lead.tag == "contact_time":
            own = parse_window(lead.value.get("window"))
            return own if own.stated else None
        spans = [parse_window(t.value.get("window")) for t in callbacks_in(self._history, lead.opened_in)]
        return earliest(spans) or next((s for s in spans if s.stated), None)

    def _standing(self, lead: Draft, first: datetime) -> Span | None:
        """The callback of another conversation that stood at the contact: not past when the lead opened, nor kept."""
        for index in range(len(self._appointments) - 1, -1, -1):
            found = self._appointments[index]
            if found.said_at >= first or found.lead is lead:
                continue
            if found.due_at < lead.opened_at or self._kept_before(found, first):
                return None
            return found.span
        return None

    def _kept_before(self, appointment: Appointment, moment: datetime) -> bool:
        """Whether the client was reached at the time agreed on; a talk before that leaves the appointment standing."""
        start = max(filter(None, (appointment.said_at, appointment.span.start)))
        return any(
            c.kind is ContactKind.ON_TOPIC and start <= c.time < moment
            for c in contacts_of(appointment.lead, self._history)
        )

    def _in_habits(self, moment: datetime) -> bool | None:
        preferred, avoided = self._habits("preferred", moment), self._habits("avoid", moment)
        if not preferred and not avoided:
            return None
        if any(self._holds(h.value, moment) for h in avoided):
            return False
        return not preferred or any(self._holds(h.value, moment) for h in preferred)

    def _habits(self, kind: str, moment: datetime) -> list[Tag]:
        """The habits of a kind that stand: a later one replaces the earlier, several said at once stand together."""
        found: list[Tag] = []
        for tag in self._history.tags:
            if tag.said_at >= moment:
                break
            if tag.tag != "contact_time" or tag.value.get("kind") != kind:
                continue
            if tag.stance is Stance.NEGATED:
                found = []
            elif found and found[-1].conversation_id != tag.conversation_id:
                found = [tag]
            else:
                found.append(tag)
        return found

    def _holds(self, habit: Mapping[str, Any], moment: datetime) -> bool:
        days = habit.get("days") or ["any"]
        day = moment.date()
        if not (
            "any" in days
            or _DAYS[day.weekday()] in days
            or ("trading_day" in days and self._calendar.is_trading_day(day))
        ):
            return False
        start, end = _clock(habit.get("from")), _clock(habit.get("to"))
        now = moment.time()
        if start is not None and end is not None and start > end:  # over midnight
            return now >= start or now <= end
        return (start is None or now >= start) and (end is None or now <= end)


def _clock(text: object) -> time | None:
    if not isinstance(text, str):
        return None
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None
