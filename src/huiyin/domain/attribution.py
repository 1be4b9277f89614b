"""Which contacts a conversion is credited to (spec/audit.md, "For managers").

A touch is a contact that reached the client after the lead opened and up to its conversion. All models share one
unit of credit among the touches of a lead; a lead that converted without any is nobody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from huiyin.domain.lead import AuditedLead, Contact, ContactKind, LeadOutcome
from huiyin.domain.record import Record

DECAY_HALF_LIFE_DAYS = 7.0
"""Time decay: a touch counts half for each week that it lies before the conversion."""
POSITION_ENDS = 0.4
"""Position: the first and the last touch get so much each, the ones between share the rest."""
_SECONDS_A_DAY = 86_400


class AttributionModel(StrEnum):
    FIRST_TOUCH = "first_touch"
    LAST_TOUCH = "last_touch"
    LINEAR = "linear"
    TIME_DECAY = "time_decay"
    POSITION = "position"


class Credit(Record):
    """A contact's share of one conversion; the shares of a lead under a model add up to 1."""

    model: AttributionModel
    lead_id: str
    contact_id: str
    advisor_id: str | None
    weight: float


def touches(lead: AuditedLead) -> tuple[Contact, ...]:
    """The contacts that a conversion can be credited to, by time; none where the lead is not converted."""
    if lead.outcome is not LeadOutcome.CONVERTED or lead.outcome_at is None:
        return ()
    until = lead.outcome_at
    reached = (ContactKind.ON_TOPIC, ContactKind.REACHED)
    return tuple(c for c in lead.contacts if c.kind in reached and c.time <= until)


def weights(lead: AuditedLead, model: AttributionModel) -> tuple[float, ...]:
    """The share of each touch of a lead, in the order of `touches`; they add up to 1."""
    found = touches(lead)
    if not found or lead.outcome_at is None:
        return ()
    days = [(lead.outcome_at - c.time).total_seconds() / _SECONDS_A_DAY for c in found]
    return _SHARES[model](days)


def attribute(leads: Iterable[AuditedLead], models: Sequence[AttributionModel] = ()) -> tuple[Credit, ...]:
    """The credits of every converted lead under each model (all of them where none is named)."""
    out = []
    for lead in leads:
        found = touches(lead)
        for model in models or tuple(AttributionModel):
            for contact, weight in zip(found, weights(lead, model), strict=True):
                out.append(
                    Credit(
                        model=model,
                        lead_id=lead.lead_id,
                        contact_id=contact.id,
                        advisor_id=contact.advisor_id,
                        weight=weight,
                    )
                )
    return tuple(out)


def _first(days: Sequence[float]) -> tuple[float, ...]:
    return (1.0,) + (0.0,) * (len(days) - 1)


def _last(days: Sequence[float]) -> tuple[float, ...]:
    return (0.0,) * (len(days) - 1) + (1.0,)


def _linear(days: Sequence[float]) -> tuple[float, ...]:
    return (1.0 / len(days),) * len(days)


def _decay(days: Sequence[float]) -> tuple[float, ...]:
    nearest = min(days)  # only differences matter; so an old touch cannot make every weight vanish
    raw = [0.5 ** ((d - nearest) / DECAY_HALF_LIFE_DAYS) for d in days]
    return tuple(r / sum(raw) for r in raw)


def _position(days: Sequence[float]) -> tuple[float, ...]:
    between = len(days) - 2
    if between < 1:
        return _linear(days)
    rest = (1.0 - 2 * POSITION_ENDS) / between
    return (POSITION_ENDS, *(rest,) * between, POSITION_ENDS)


_SHARES = {
    AttributionModel.FIRST_TOUCH: _first,
    AttributionModel.LAST_TOUCH: _last,
    AttributionModel.LINEAR: _linear,
    AttributionModel.TIME_DECAY: _decay,
    AttributionModel.POSITION: _position,
}
