"""Where the static record and the client's words differ; both sides are shown (spec/audit.md, "Profile")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from huiyin.domain.crm import Client
from huiyin.domain.record import Record
from huiyin.domain.suitability import PermissionCheck, RequirementState, months_between
from huiyin.domain.tags import EXPERIENCE_LEVELS, PERMISSIONS, RISK_LEVELS

_RISK_NAMES = {"C1": "保守型", "C2": "谨慎型", "C3": "稳健型", "C4": "积极型", "C5": "激进型"}
_AT_ODDS = {"aggressive": ("C1", "C2", "C3"), "conservative": ("C4", "C5"), "balanced": ("C1", "C5")}
_LONG_MONTHS = 60  # five years of trading, and calls himself a beginner
_SHORT_MONTHS = 6


class Conflict(Record):
    """The static record says one thing, the client another."""

    id: str  # risk_level, permission_held, permission_<requirement>, experience
    on_record: str
    said: str
    conversation_id: str
    turns: tuple[int, ...]
    quote: str


class Saying(Record):
    """What the client said, as far as a conflict needs it."""

    tag: str
    discriminator: str | None
    conversation_id: str
    turns: tuple[int, ...]
    quote: str


def find_conflicts(
    client: Client | None, sayings: Sequence[Saying], checks: Iterable[PermissionCheck], *, as_of: date
) -> tuple[Conflict, ...]:
    """`sayings` are the affirmed tags that stand; `checks` those of the permissions wanted."""
    if client is None:
        return ()
    by_permission = {c.permission: c for c in checks}
    found: list[Conflict] = []
    for saying in sayings:
        found += _of(client, saying, by_permission.get(saying.discriminator or ""), as_of)
    return tuple(found)


def _of(client: Client, saying: Saying, check: PermissionCheck | None, as_of: date) -> Iterator[Conflict]:
    match saying.tag:
        case "risk_preference":
            yield from _risk(client, saying)
        case "permission_intent" if check is not None:
            yield from _permission(saying, check)
        case "experience_level":
            yield from _experience(client, saying, as_of)


def _risk(client: Client, saying: Saying) -> Iterator[Conflict]:
    level, said = client.risk_level, saying.discriminator or ""
    if level in _AT_ODDS.get(said, ()):
        assessed = f"（{client.risk_assessed_on.isoformat()}测评）" if client.risk_assessed_on else ""
        record = f"风险等级{level}（{_RISK_NAMES[level or '']}）{assessed}"
        yield _conflict("risk_level", record, f"自述风险偏好：{RISK_LEVELS[said]}", saying)


def _permission(saying: Saying, check: PermissionCheck) -> Iterator[Conflict]:
    said = f"想开通{PERMISSIONS.get(check.permission, check.permission)}"
    if check.held:
        yield _conflict("permission_held", f"系统记录显示已开通{check.label}", said, saying)
        return
    for one in check.requirements:
        if one.state is RequirementState.NOT_MET and one.known is not None:
            yield _conflict(f"permission_{one.name}", one.known, f"{said}（{one.needed}）", saying)


def _experience(client: Client, saying: Saying, as_of: date) -> Iterator[Conflict]:
    if client.first_traded_on is None or saying.discriminator not in EXPERIENCE_LEVELS:
        return
    months = months_between(client.first_traded_on, as_of)
    odd = months >= _LONG_MONTHS if saying.discriminator == "novice" else months < _SHORT_MONTHS
    if odd:
        record = f"首次交易{client.first_traded_on.isoformat()}"
        yield _conflict("experience", record, f"自述{EXPERIENCE_LEVELS[saying.discriminator]}", saying)


def _conflict(id: str, on_record: str, said: str, saying: Saying) -> Conflict:
    return Conflict(
        id=id,
        on_record=on_record,
        said=said,
        conversation_id=saying.conversation_id,
        turns=saying.turns,
        quote=saying.quote,
    )
