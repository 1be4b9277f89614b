"""How leads open, are refreshed, move, and close (spec/audit.md, "Lead").

A client's tags are walked in the order in which they were said. Whether a lead is still open at a tag is asked of
what happened up to then: contacts, events, refusals, do_not_contact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huiyin.domain.draft import Draft, callbacks_in, closed_before_contact, first_on_topic, own_span
from huiyin.domain.due import Due, DueRules, Span, earliest, parse_window
from huiyin.domain.history import History
from huiyin.domain.lead import Contact, LeadEvidence
from huiyin.domain.policy import Policy
from huiyin.domain.subjects import Subject, same_assets, subject_of
from huiyin.domain.tag import Stance, Tag
from huiyin.domain.tags import TAG_TYPES

_MOVES = frozenset({"contact_time", "advisor_commitment"})
_AROUND = 3  # turns before a promise that say what it is about


@dataclass(frozen=True, slots=True)
class Appointment:
    """A callback that the client has, from `said_at` until it is kept or moved."""

    said_at: datetime
    span: Span
    due_at: datetime
    lead: Draft


class LeadWalk:
    """One client's leads. Call `run` once, then read `drafts` and `appointments`."""

    def __init__(self, history: History, *, policy: Policy, due: DueRules) -> None:
        self._history = history
        self._policy = policy
        self._due = due
        self.drafts: list[Draft] = []
        self.appointments: list[Appointment] = []
        self._current: dict[tuple[str, str | None], Draft] = {}
        self._refused: Tag | None = None  # the do_not_contact that holds

    def run(self) -> LeadWalk:
        for tag in self._history.tags:
            if tag.tag == "do_not_contact" and tag.stance is Stance.AFFIRMED:
                self._suppress(tag)
                self._refused = self._refused or tag
                continue
            if self._refused is not None and asks_for_contact(tag, self._refused):
                self._refused = None
            if tag.stance is Stance.NEGATED:
                self._decline(tag)
            elif TAG_TYPES[tag.tag].opens_lead(tag.value):
                self._take(tag)
        return self

    # --- what a tag does ---------------------------------------------------------------------------------------

    def _take(self, tag: Tag) -> None:
        lead = self._open_lead_of(tag)
        if lead is None:
            self._open(tag)
        elif tag.tag not in _MOVES:
            self._refresh(lead, tag)
        elif tag.said_at <= lead.due.at or lead.due.at < lead.opened_at:  # a time that was past when it was said
            self._move(lead, tag)
        else:
            self._open(tag)

    def _open(self, tag: Tag) -> None:
        key = TAG_TYPES[tag.tag].discriminate(tag.value)
        value = self._ruling_value(tag)
        lead = Draft(
            client_id=tag.client_id,
            advisor_id=tag.advisor_id,
            tag=tag.tag,
            key=key,
            opening_key=key,
            value=value,
            opened_at=tag.said_at,
            due=self._due_of(tag, value),
            subject=self._subject(tag, key, value),
            opened_in=tag.conversation_id,
            own={tag.conversation_id: tag.said_at},
            evidence=[_evidence(tag)],
            suppressed_at=self._refused.said_at if self._refused else None,
        )
        self.drafts.append(lead)
        self._put(lead, tag.said_at)
        self._note_appointment(lead, tag)

    def _put(self, lead: Draft, moment: datetime) -> None:
        """The lead stands for its key from now on; contacts of the one before count no longer, if it is closed."""
        before = self._current.get((lead.tag, lead.key))
        if before is not None and before is not lead:
            before.next_opened_at = moment
        self._current[lead.tag, lead.key] = lead

    def _refresh(self, lead: Draft, tag: Tag) -> None:
        """Evidence, amount and dates are renewed; when it opened and is due stand."""
        lead.evidence.append(_evidence(tag))
        lead.value = renewed(lead.value, tag.value)
        if tag.tag == "external_assets":
            key = TAG_TYPES[tag.tag].discriminate(lead.value)
            if key != lead.key:  # the name takes over
                del self._current[lead.tag, lead.key]
                lead.key = key
                self._put(lead, tag.said_at)
        self._about(lead, self._subject(tag, lead.key, lead.value))

    def _move(self, lead: Draft, tag: Tag) -> None:
        """A newer appointment or promise replaces the window of the older."""
        lead.evidence.append(_evidence(tag))
        lead.value = self._ruling_value(tag)
        lead.due = self._due_of(tag, lead.value)
        lead.own[tag.conversation_id] = tag.said_at
        lead.seen.clear()
        self._about(lead, self._subject(tag, lead.key, lead.value))
        self._note_appointment(lead, tag)

    def _about(self, lead: Draft, subject: Subject) -> None:
        if subject != lead.subject:
            lead.subject = subject
            lead.seen.clear()

    def _decline(self, tag: Tag) -> None:
        if TAG_TYPES[tag.tag].speaker != "client":
            return
        for lead in self._meant(tag):
            if lead.declined_at is None:
                lead.declined_at, lead.declined_in = tag.said_at, tag.conversation_id

    def _suppress(self, tag: Tag) -> None:
        """do_not_contact before any on-topic contact and before it was due."""
        for lead in self.drafts:
            if lead.suppressed_at is None and tag.said_at < lead.due.at:
                kept = first_on_topic(lead, self._history, upto=tag.said_at)
                if kept is None or kept.time >= tag.said_at:
                    lead.suppressed_at = tag.said_at

    # --- which lead a tag means --------------------------------------------------------------------------------

    def _open_lead_of(self, tag: Tag) -> Draft | None:
        """The lead that the tag says again, if it is open when the tag is said."""
        key = TAG_TYPES[tag.tag].discriminate(tag.value)
        exact = self._current.get((tag.tag, key))
        if exact is not None and self._is_open(exact, tag):
            return exact
        if tag.tag != "external_assets":
            return None
        name, kind = tag.value.get("institution"), tag.value.get("institution_type")
        same_type = [lead for lead in self._externals() if kind and lead.named[1] == kind and self._is_open(lead, tag)]
        found = [
            lead for lead in same_type if bool(lead.named[0]) != bool(name) and not lead.said_in(tag.conversation_id)
        ]
        if name and len(same_type) > 1:
            return None
        return max(found, key=lambda lead: (lead.evidence[-1].said_at, lead.opened_at), default=None)

    def _meant(self, tag: Tag) -> Sequence[Draft]:
        """The leads whose key a negated tag has."""
        key = TAG_TYPES[tag.tag].discriminate(tag.value)
        exact = self._current.get((tag.tag, key))
        if tag.tag != "external_assets":
            return [exact] if exact else []
        named = (tag.value.get("institution"), tag.value.get("institution_type"))
        found = [
            lead
            for lead in self._externals()
            if same_assets(lead.named, named) and not lead.said_in(tag.conversation_id)
        ]
        if exact is not None and exact not in found:
            found.append(exact)
        return [exact] if named[0] and exact else found

    def _externals(self) -> Iterator[Draft]:
        return (lead for (tag, _), lead in self._current.items() if tag == "external_assets")

    def _is_open(self, lead: Draft, tag: Tag) -> bool:
        moment = tag.said_at
        if lead.suppressed_at is not None:
            return lead.said_in(tag.conversation_id)  # one talk opens one lead of a key
        if closed_before_contact(lead, self._history, self._policy, upto=moment) is not None:
            return False
        if not lead.closes_by_contact:
            return True
        contact = first_on_topic(lead, self._history, upto=moment)
        return contact is None or self._puts_off(lead, tag, contact)

    def _puts_off(self, lead: Draft, tag: Tag, contact: Contact) -> bool:
        """Whether the contact is the talk in which the window is moved before it has begun.

        Any reached contact keeps a callback; read so, none could ever be moved on the phone. A talk before the
        window in which a newer appointment is made moves it; one inside the window keeps it, and what is agreed
        there is a new lead.
        """
        if not lead.subject.any_reached or contact.id != tag.conversation_id or tag.said_at > lead.due.at:
            return False
        start = own_span(lead.tag, lead.value).start
        return start is not None and contact.time < start

    def _due_of(self, tag: Tag, value: Mapping[str, Any]) -> Due:
        return self._due.due(tag.tag, value, tag.said_at, self._appointment_in(tag.conversation_id, tag.said_at))

    def _appointment_in(self, conversation_id: str, moment: datetime) -> Span | None:
        """The earliest callback with a start that the conversation holds; what is past rules over nothing."""
        spans = (parse_window(t.value.get("window")) for t in callbacks_in(self._history, conversation_id))
        return earliest(s for s in spans if s.start and self._due.window_due(s, moment, "").at >= moment)

    def _ruling_value(self, tag: Tag) -> dict[str, Any]:
        """The tag's value; of several callbacks in one conversation, that of the earliest."""
        if tag.tag == "contact_time":
            rules = self._appointment_in(tag.conversation_id, tag.said_at)
            for other in callbacks_in(self._history, tag.conversation_id) if rules else ():
                if parse_window(other.value.get("window")) == rules:
                    return dict(other.value)
        return dict(tag.value)

    def _note_appointment(self, lead: Draft, tag: Tag) -> None:
        span = parse_window(lead.value.get("window"))
        if tag.tag == "contact_time" and span.stated:
            self.appointments.append(Appointment(tag.said_at, span, lead.due.at, lead))

    def _subject(self, tag: Tag, key: str | None, value: Mapping[str, Any]) -> Subject:
        around: list[str] = []
        talk = self._history.by_id.get(tag.conversation_id)
        if tag.tag == "advisor_commitment" and talk is not None and tag.turns:
            near = range(min(tag.turns) - _AROUND, max(tag.turns) + 1)
            around = [s.text for s in talk.said if s.turn in near]
        return subject_of(tag.tag, key, value, book=self._history.book, quote=tag.quote, around=around)


def renewed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The value said again: what is new replaces, what is not said again stays. A sum takes its currency along."""
    out = {**old, **{k: v for k, v in new.items() if v is not None}}
    if new.get("amount") is not None and not new.get("currency"):
        out.pop("currency", None)
    return out


def asks_for_contact(tag: Tag, refused: Tag) -> bool:
    """Whether the client asks for contact himself after a do_not_contact.

    An appointment does so at once; a habit or a channel that he names only in another conversation, since beside
    the refusal it limits it and does not take it back.
    """
    if tag.tag == "do_not_contact":
        return tag.stance is Stance.NEGATED
    if tag.stance is not Stance.AFFIRMED:
        return False
    if tag.tag == "contact_time" and tag.value.get("kind") == "callback":
        return True
    wishes = tag.tag == "contact_channel" or (tag.tag == "contact_time" and tag.value.get("kind") == "preferred")
    return wishes and tag.conversation_id != refused.conversation_id


def _evidence(tag: Tag) -> LeadEvidence:
    return LeadEvidence(conversation_id=tag.conversation_id, turns=tag.turns, quote=tag.quote, said_at=tag.said_at)
