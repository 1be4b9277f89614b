"""The taggers, one a tag type, in the order of domain/tags.py. Explicit: nothing registers itself on import."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from huiyin.taggers import (
    advisor_commitment,
    churn_risk,
    complaint,
    compliance_flag,
    contact_channel,
    contact_time,
    do_not_contact,
    experience_level,
    external_assets,
    family,
    idle_funds,
    permission_intent,
    product_preference,
    risk_preference,
)
from huiyin.taggers.analysis import Analysis
from huiyin.taggers.candidate import Candidate

Propose = Callable[[Analysis], Iterable[Candidate]]

TAGGERS: Mapping[str, Propose] = {
    "permission_intent": permission_intent.propose,
    "idle_funds": idle_funds.propose,
    "external_assets": external_assets.propose,
    "product_preference": product_preference.propose,
    "risk_preference": risk_preference.propose,
    "experience_level": experience_level.propose,
    "contact_time": contact_time.propose,
    "contact_channel": contact_channel.propose,
    "family": family.propose,
    "complaint": complaint.propose,
    "churn_risk": churn_risk.propose,
    "do_not_contact": do_not_contact.propose,
    "advisor_commitment": advisor_commitment.propose,
    "compliance_flag": compliance_flag.propose,
}
