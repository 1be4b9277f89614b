"""The value of a tag as fields of a form, and back: what a person can change without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from huiyin.domain.errors import InputError
from huiyin.domain.tags import DAYS, INSTITUTION_TYPES, TAG_TYPES, TagType

_LABELS = {
    "permission": "业务", "product": "产品", "level": "程度", "topic": "事由", "kind": "类型", "channel": "方式",
    "action": "事项", "institution_type": "机构类型",
}  # fmt: skip
_SPANS: dict[str, tuple[str, str]] = {
    "amount": ("金额（元）", "number"),
    "available_from": ("可用日期", "date"),
    "matures_on": ("到期日期", "date"),
    "window": ("时间段", "datetime-local"),
    "due": ("时限", "datetime-local"),
}
"""Fields that are [start, end], with their labels and kinds of input."""
_TEXTS = {"institution": "机构", "product": "产品"}
_CLOCKS = {"from": "从", "to": "到"}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One part of a value. `kind`: select, checks (several of the choices), text, time, or span (two inputs of `kind`
    `input`, named `<name>_start` and `<name>_end`)."""

    name: str
    label: str
    kind: str
    value: Any
    choices: Mapping[str, str] | None = None
    input: str = "text"


def fields_of(tag: str, value: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields of a tag's value, the discriminator first."""
    kind = TAG_TYPES[tag]
    out: list[Field] = []
    select = _selected(kind)
    if select:
        name, choices = select
        label = _LABELS.get(name, name)
        out.append(Field(name=name, label=label, kind="select", value=value.get(name), choices=choices))
    for name in _names(kind):
        if name in _SPANS:
            label, shape = _SPANS[name]
            out.append(Field(name=name, label=label, kind="span", value=value.get(name) or (None, None), input=shape))
        elif name == "days":
            out.append(Field(name=name, label="日子", kind="checks", value=value.get(name) or (), choices=DAYS))
        elif name in _CLOCKS:
            out.append(Field(name=name, label=_CLOCKS[name], kind="time", value=value.get(name), input="time"))
        elif name in _TEXTS and not (select and select[0] == name):
            out.append(Field(name=name, label=_TEXTS[name], kind="text", value=value.get(name)))
    return tuple(out)


def value_from(tag: str, old: Mapping[str, Any], form: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The value that a form states; what it does not name stays as it was. Raises InputError (FormatError where the
    type does not know the value)."""
    kind = TAG_TYPES[tag]
    value = dict(old)
    for field in fields_of(tag, old):
        if field.kind == "span":
            if f"{field.name}_start" in form or f"{field.name}_end" in form:
                value[field.name] = _span(field, old, form)
        elif field.kind == "checks":
            if field.name in form:
                value[field.name] = [d for d in form[field.name] if d] or None
        elif field.name in form:
            value[field.name] = form[field.name][0].strip() or None
    return kind.normalise(value)


def _selected(kind: TagType) -> tuple[str, Mapping[str, str]] | None:
    if kind.key == "external_assets":
        return ("institution_type", {"": "（没说）", **INSTITUTION_TYPES})
    if kind.choices is None or kind.discriminator is None:
        return None
    return (kind.discriminator, kind.choices)


def _names(kind: TagType) -> list[str]:
    """The names of the value's fields as they are written in JSON."""
    return [f.serialization_alias or name for name, f in kind.value_model.model_fields.items()]


def _span(field: Field, old: Mapping[str, Any], form: Mapping[str, Sequence[str]]) -> list[Any] | None:
    start, end = (form.get(f"{field.name}_{side}", [""])[0].strip() for side in ("start", "end"))
    if not start and not end:
        before = old.get(field.name)
        return None if before is None or any(before) else list(before)  # an appointment with no time stays one
    if field.input == "datetime-local":
        return [start[:16] or None, end[:16] or None]
    low, high = start or end, end or start
    if field.input == "number":
        try:
            return [float(low), float(high)]
        except ValueError:
            raise InputError(f"{field.label}：“{start or end}”不是数字") from None
    return [low, high]
