"""Every tag type, declared once: key, Chinese label, value schema, discriminator, half-life, lead rule.

Source of the meanings: spec/tags.md; of the lead rules: spec/audit.md. To add a tag: declare it here, write
`lexicons/<key>.yaml` and `taggers/<key>.py`; tests/test_registry.py fails until all are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from pydantic import AliasChoices, Field, ValidationError, field_validator

from huiyin.domain.errors import FormatError
from huiyin.domain.record import Record

PERMISSIONS: dict[str, str] = {
    "margin": "融资融券",
    "options": "期权",
    "star_market": "科创板",
    "chinext": "创业板",
    "bse": "北交所",
    "hk_connect": "港股通",
    "convertible_bond": "可转债",
    "neeq": "新三板",
    "fund_advisory": "基金投顾",
    "private_fund": "私募合格投资者",
}
PRODUCTS: dict[str, str] = {
    "stock": "股票",
    "index_fund": "指数基金",
    "equity_fund": "权益基金",
    "bond_fund": "债券基金",
    "fixed_income": "固定收益",
    "fixed_income_plus": "固收+",
    "money_market": "现金管理",
    "bank_wealth": "银行理财",
    "structured_note": "收益凭证",
    "private_fund": "私募",
    "fund_advisory": "投顾组合",
    "convertible_bond": "可转债",
    "overseas": "海外",
    "ipo": "打新",
    "insurance": "保险",
    "gold": "黄金",
    "reits": "REITs",
}
INSTITUTION_TYPES: dict[str, str] = {
    "broker": "券商",
    "bank": "银行",
    "fund_platform": "基金平台",
    "insurance": "保险",
    "trust": "信托",
    "private_fund": "私募",
    "other": "其他",
}
RISK_LEVELS: dict[str, str] = {"conservative": "保守", "balanced": "稳健", "aggressive": "进取"}
EXPERIENCE_LEVELS: dict[str, str] = {"novice": "新手", "experienced": "有经验"}
CONTACT_KINDS: dict[str, str] = {"callback": "约定回电", "preferred": "方便时间", "avoid": "不便时间"}
CONTACT_CHANNELS: dict[str, str] = {
    "phone": "电话",
    "wecom": "微信",
    "sms": "短信",
    "in_person": "面谈",
    "app": "App",
    "email": "邮件",
}
FAMILY_TOPICS: dict[str, str] = {
    "children_education": "子女教育",
    "marriage": "婚嫁",
    "newborn": "新生儿",
    "home_purchase": "购房",
    "retirement": "养老退休",
    "elder_care": "赡养老人",
    "health": "健康",
    "inheritance": "继承",
    "family_decides": "家人做主",
}
COMPLAINT_TOPICS: dict[str, str] = {
    "commission": "佣金",
    "app": "App",
    "service": "服务",
    "loss": "亏损",
    "product": "产品",
    "disturbance": "打扰",
    "other": "其他",
}
CHURN_KINDS: dict[str, str] = {
    "transfer_out": "转户",
    "close_account": "销户",
    "withdraw_funds": "转走资金",
    "comparing": "比较别家",
}
COMMITMENT_ACTIONS: dict[str, str] = {
    "call_back": "回电",
    "send_material": "发资料",
    "check_and_reply": "查询答复",
    "arrange_meeting": "安排见面",
    "other": "其他",
}
COMPLIANCE_KINDS: dict[str, str] = {
    "guaranteed_return": "承诺收益",
    "loss_compensation": "承诺补亏",
    "discretionary_trading": "代客操作",
    "insider_information": "内幕消息",
    "private_payment": "私下收付款",
}
DAYS: dict[str, str] = {
    "mon": "周一",
    "tue": "周二",
    "wed": "周三",
    "thu": "周四",
    "fri": "周五",
    "sat": "周六",
    "sun": "周日",
    "trading_day": "交易日",
    "any": "每天",
}

Amount = tuple[float, float]
"""Yuan (or `currency`) as [min, max], both ends included."""
DateRange = tuple[date, date]
Window = tuple[str | None, str | None]
"""[start, end] as YYYY-MM-DDTHH:MM, Asia/Shanghai wall clock; either may be None."""


class _Amounted(Record):
    amount: Amount | None = None
    currency: Literal["USD", "HKD"] | None = None

    @field_validator("amount")
    @classmethod
    def _ordered(cls, value: Amount | None) -> Amount | None:
        if value is not None and value[0] > value[1]:
            raise ValueError("amount is [min, max]; min is larger than max")
        return value


class NoValue(Record):
    pass


class PermissionValue(Record):
    permission: str


class IdleFundsValue(_Amounted):
    available_from: DateRange | None = None


class ExternalAssetsValue(_Amounted):
    institution: str | None = None
    institution_type: str | None = None
    product: str | None = None
    matures_on: DateRange | None = None


class ProductValue(Record):
    product: str


class LevelValue(Record):
    level: str


class ContactTimeValue(Record):
    kind: str
    window: Window | None = None
    days: tuple[str, ...] | None = None
    from_: str | None = Field(default=None, validation_alias=AliasChoices("from", "from_"), serialization_alias="from")
    to: str | None = None


class ContactChannelValue(Record):
    channel: str


class TopicValue(Record):
    topic: str


class KindValue(Record):
    kind: str


class CommitmentValue(Record):
    action: str
    due: Window | None = None


class LeadKind(StrEnum):
    """What a lead is for people (spec/audit.md, "Lead")."""

    OPPORTUNITY = "opportunity"
    DEEP_DIG = "deep_dig"
    RETENTION = "retention"
    PROMISE = "promise"
    SERVICE = "service"


LEAD_KIND_LABELS: dict[str, str] = {
    "opportunity": "商机",
    "deep_dig": "深挖",
    "retention": "挽留",
    "promise": "约定",
    "service": "服务",
}


@dataclass(frozen=True, kw_only=True)
class TagType:
    """A tag type. `only_discriminators` limits which discriminators open a lead (None = all)."""

    key: str
    label: str
    group: Literal["opportunity", "service", "voice", "conduct"]
    value_model: type[Record]
    discriminator: str | None
    choices: Mapping[str, str] | None = None  # allowed discriminators with their Chinese labels
    speaker: Literal["client", "advisor"] = "client"  # whose word counts
    single: bool = False  # one tag a conversation, the last word (spec: "One level")
    half_life_days: int
    lead: LeadKind | None = None
    only_discriminators: frozenset[str] | None = None

    def discriminate(self, value: Mapping[str, Any]) -> str | None:
        """The part of the value that tells facts of this type apart (spec, "How a tagger is scored")."""
        if self.key == "external_assets":
            return value.get("institution") or value.get("institution_type")
        return value.get(self.discriminator) if self.discriminator else None

    def opens_lead(self, value: Mapping[str, Any]) -> bool:
        """Whether an affirmed tag with this value opens a lead."""
        if self.lead is None:
            return False
        return self.only_discriminators is None or self.discriminate(value) in self.only_discriminators

    def normalise(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """The value, checked, as plain JSON with every field of the schema present.

        Raises FormatError that names the field.
        """
        try:
            parsed = self.value_model.model_validate(dict(value))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(p) for p in first["loc"]) or "value"
            raise FormatError(f"{self.key}: {where}: {first['msg']}") from error
        out = parsed.model_dump(mode="json", by_alias=True)
        if out.get("currency", "") is None:
            del out["currency"]
        if self.key == "contact_time":
            wanted = ("kind", "window") if out["kind"] == "callback" else ("kind", "days", "from", "to")
            out = {k: out[k] for k in wanted}
        found = self.discriminate(out)
        if self.choices is not None and found not in self.choices:
            raise FormatError(f"{self.key}: {self.discriminator}: {found!r} is none of {', '.join(self.choices)}")
        return out


_ALL = (
    TagType(
        key="permission_intent", label="业务开通意向", group="opportunity", value_model=PermissionValue,
        discriminator="permission", choices=PERMISSIONS, half_life_days=30, lead=LeadKind.OPPORTUNITY,
    ),
    TagType(
        key="idle_funds", label="闲置资金", group="opportunity", value_model=IdleFundsValue,
        discriminator=None, half_life_days=30, lead=LeadKind.OPPORTUNITY,
    ),
    TagType(
        key="external_assets", label="他处资产", group="opportunity", value_model=ExternalAssetsValue,
        discriminator="institution", half_life_days=180, lead=LeadKind.DEEP_DIG,
    ),
    TagType(
        key="product_preference", label="产品偏好", group="opportunity", value_model=ProductValue,
        discriminator="product", choices=PRODUCTS, half_life_days=90, lead=LeadKind.OPPORTUNITY,
    ),
    TagType(
        key="risk_preference", label="风险偏好", group="opportunity", value_model=LevelValue,
        discriminator="level", choices=RISK_LEVELS, single=True, half_life_days=365,
    ),
    TagType(
        key="experience_level", label="投资经验", group="service", value_model=LevelValue,
        discriminator="level", choices=EXPERIENCE_LEVELS, single=True, half_life_days=365,
        lead=LeadKind.SERVICE, only_discriminators=frozenset({"novice"}),
    ),
    TagType(
        key="contact_time", label="联系时间", group="service", value_model=ContactTimeValue,
        discriminator="kind", choices=CONTACT_KINDS, half_life_days=180,
        lead=LeadKind.PROMISE, only_discriminators=frozenset({"callback"}),
    ),
    TagType(
        key="contact_channel", label="联系方式", group="service", value_model=ContactChannelValue,
        discriminator="channel", choices=CONTACT_CHANNELS, half_life_days=365,
    ),
    TagType(
        key="family", label="家庭线索", group="service", value_model=TopicValue,
        discriminator="topic", choices=FAMILY_TOPICS, half_life_days=365,
    ),
    TagType(
        key="complaint", label="不满投诉", group="voice", value_model=TopicValue,
        discriminator="topic", choices=COMPLAINT_TOPICS, half_life_days=60, lead=LeadKind.RETENTION,
    ),
    TagType(
        key="churn_risk", label="流失风险", group="voice", value_model=KindValue,
        discriminator="kind", choices=CHURN_KINDS, half_life_days=60, lead=LeadKind.RETENTION,
    ),
    TagType(
        key="do_not_contact", label="拒绝联系", group="voice", value_model=NoValue,
        discriminator=None, half_life_days=3650,
    ),
    TagType(
        key="advisor_commitment", label="顾问承诺", group="conduct", value_model=CommitmentValue,
        discriminator="action", choices=COMMITMENT_ACTIONS, speaker="advisor", half_life_days=30,
        lead=LeadKind.PROMISE,
    ),
    TagType(
        key="compliance_flag", label="合规风险", group="conduct", value_model=KindValue,
        discriminator="kind", choices=COMPLIANCE_KINDS, speaker="advisor", half_life_days=3650,
    ),
)  # fmt: skip

TAG_TYPES: dict[str, TagType] = {t.key: t for t in _ALL}
