"""Our scorer against figures that the specification's own scorer gave once for the same labels and predictions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.domain.conversation import Conversation
from huiyin.domain.errors import FormatError, MissingFileError
from huiyin.pipeline.evaluate import same_amount, same_dates, same_window, score
from huiyin.pipeline.labelled import Label, Labelled, read_labelled

TALK: dict[str, Any] = {
    "channel": "phone", "client_id": "C1", "advisor_id": "A1", "started_at": "2026-03-12T10:05:00+08:00",
    "turns": [
        {"turn": n, "speaker": "client" if n % 2 else "advisor", "start": float(n), "end": n + 0.5, "text": f"第{n}句"}
        for n in range(6)
    ],
}  # fmt: skip


def t(tag: str, value: dict[str, Any], *turns: int, stance: str = "affirmed") -> dict[str, Any]:
    return {"tag": tag, "stance": stance, "value": value, "turns": list(turns), "quote": f"第{turns[0]}句"}


def callback(start: str | None, *turns: int) -> dict[str, Any]:
    return t("contact_time", {"kind": "callback", "window": [start, None]}, *turns)


GOLD: dict[str, list[dict[str, Any]]] = {
    "s1": [
        t("permission_intent", {"permission": "margin"}, 1),
        t("idle_funds", {"amount": [300000, 300000], "available_from": ["2026-04-01", "2026-04-30"]}, 3),
        t("external_assets", {"institution": "富途证券", "institution_type": "broker", "amount": [100000, 200000]}, 5),
        t("complaint", {"topic": "app"}, 1, stance="affirmed"),
    ],
    "s2": [
        callback("2026-03-13T15:00", 1),
        callback("2026-03-14T10:00", 3),
        t("contact_time", {"kind": "avoid", "days": ["mon", "tue"], "from": "09:00", "to": "12:00"}, 5),
        t("external_assets", {"institution_type": "bank", "matures_on": ["2026-06-01", "2026-06-10"]}, 1),
        t("advisor_commitment", {"action": "send_material", "due": ["2026-03-12T15:00", None]}, 2),
    ],
    "s3": [
        t("external_assets", {"institution": None, "institution_type": None}, 1, stance="negated"),
        t("do_not_contact", {}, 3),
        t("product_preference", {"product": "gold"}, 1, stance="negated"),
    ],
}
FOUND: dict[str, list[dict[str, Any]]] = {
    "s1": [
        t("permission_intent", {"permission": "margin"}, 3),
        t("permission_intent", {"permission": "options"}, 1),
        t("idle_funds", {"amount": [350000, 400000], "available_from": ["2026-04-08", "2026-04-08"]}, 3),
        t("external_assets", {"institution": "富途", "institution_type": "broker", "amount": [500000, 500000]}, 5),
        t("complaint", {"topic": "app"}, 1, stance="negated"),
    ],
    "s2": [
        callback("2026-03-14T10:45", 3),
        callback("2026-03-13T16:30", 1),
        t("contact_time", {"kind": "avoid", "days": ["tue", "mon"], "from": "09:30", "to": "11:00"}, 5),
        t("external_assets", {"institution": "招商银行", "institution_type": "bank",
                              "matures_on": ["2026-06-04", "2026-06-04"]}, 1),
        t("advisor_commitment", {"action": "send_material", "due": None}, 4),
    ],
    "s3": [
        t("external_assets", {"institution": None, "institution_type": "bank"}, 1, stance="negated"),
        t("do_not_contact", {}, 5, 3),
        t("product_preference", {"product": "gold"}, 1),
        t("family", {"topic": "health"}, 1),
    ],
}  # fmt: skip


def labelled(name: str) -> Labelled:
    talk = Conversation.model_validate({**TALK, "conversation_id": name})
    return Labelled(conversation=talk, labels=tuple(Label.model_validate(x) for x in GOLD[name]))


def found(name: str) -> list[Label]:
    return [Label.model_validate(x) for x in FOUND[name]]


def test_figures_are_those_of_the_specification() -> None:
    scores = score((labelled(name), found(name)) for name in GOLD).as_json()
    assert scores["micro"] == EXPECTED["micro"]
    assert scores["macro_f1"] == pytest.approx(EXPECTED["macro_f1"])
    assert scores["slots"] == EXPECTED["slots"]
    assert {k: v for k, v in scores["types"].items() if v["f1"] is not None} == EXPECTED["types"]


def test_every_error_is_told() -> None:
    scores = score((labelled(name), found(name)) for name in GOLD)
    kinds = [line.split()[0] for line in scores.errors]
    micro = scores.micro
    assert (kinds.count("MISSED"), kinds.count("SPURIOUS")) == (micro.missed, micro.spurious)


def test_the_order_of_predictions_does_not_matter_where_evidence_tells_them_apart() -> None:
    turned = score((labelled(name), list(reversed(found(name)))) for name in GOLD)
    assert turned.slots == score((labelled(name), found(name)) for name in GOLD).slots


def test_nothing_found_and_nothing_to_find() -> None:
    empty = Labelled(conversation=labelled("s1").conversation, labels=())
    scores = score([(empty, [])])
    assert scores.micro.f1 is None
    assert scores.macro_f1 is None
    assert scores.slots == {}


amounts = st.tuples(st.integers(1, 10**9), st.integers(0, 10**9)).map(lambda p: [float(p[0]), float(p[0] + p[1])])


@given(amounts, amounts)
def test_amounts_agree_both_ways_and_with_themselves(a: list[float], b: list[float]) -> None:
    assert same_amount(a, b) == same_amount(b, a)
    assert same_amount(a, a)
    if b[0] > a[1] * 1.6:
        assert not same_amount(a, b)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ([300000, 300000], [400000, 400000], True),
        ([300000, 300000], [460000, 460000], False),
        ([300000, 300000], None, False),
        (None, None, False),
    ],
)
def test_amounts(a: list[float] | None, b: list[float] | None, same: bool) -> None:
    assert same_amount(a, b) is same


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (["2026-04-01", "2026-04-30"], ["2026-04-04", "2026-04-04"], True),
        (["2026-04-01", "2026-04-30"], ["2026-04-05", "2026-04-05"], False),
        (["2026-04-01", "2026-04-30"], None, False),
    ],
)
def test_dates(a: list[str], b: list[str] | None, same: bool) -> None:
    assert same_dates(a, b) is same


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (["2026-03-13T15:00", None], ["2026-03-13T16:00", None], True),
        (["2026-03-13T15:00", None], ["2026-03-13T16:01", None], False),
        (["2026-03-13T23:30", None], ["2026-03-14T00:10", None], False),
        ([None, None], None, True),
        ([None, "2026-03-13T15:00"], ["2026-03-13T15:00", None], False),
    ],
)
def test_windows(a: list[str | None], b: list[str | None] | None, same: bool) -> None:
    assert same_window(a, b) is same


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    return path


GOOD = {**TALK, "conversation_id": "s1", "tags": GOLD["s1"]}


def test_labelled_files_are_read_in_order(tmp_path: Path) -> None:
    path = write(tmp_path / "l.jsonl", GOOD, {**GOOD, "conversation_id": "s2", "tags": []})
    read = read_labelled([path])
    assert [one.conversation.conversation_id for one in read] == ["s1", "s2"]
    assert len(read[0].labels) == len(GOLD["s1"])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([], "no conversation"),
        (TALK | {"conversation_id": "x"}, '"tags"'),
        (GOOD | {"conversation_id": "s1"}, "stands already at l.jsonl:1"),
        (GOOD | {"conversation_id": "x", "tags": [t("hobby", {}, 1)]}, "no tag type"),
        (GOOD | {"conversation_id": "x", "tags": [t("idle_funds", {}, 99)]}, "turns"),
        (GOOD | {"conversation_id": "x", "tags": [t("family", {"topic": "moon"}, 1)]}, "moon"),
        (GOOD | {"conversation_id": "x", "started_at": "gestern"}, "started_at"),
    ],
)
def test_a_bad_label_is_told_with_file_and_line(tmp_path: Path, row: object, said: str) -> None:
    with pytest.raises(FormatError, match=r"l\.jsonl:2") as told:
        read_labelled([write(tmp_path / "l.jsonl", GOOD, row)])
    assert said in str(told.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"none\.jsonl"):
        read_labelled([tmp_path / "none.jsonl"])


EXPECTED: dict[str, Any] = json.loads("""{
 "micro": {"precision": 0.7142857142857143, "recall": 0.8333333333333334, "f1": 0.7692307692307693,
  "labelled": 12, "predicted": 14},
 "macro_f1": 0.7083333333333333,
 "types": {
  "permission_intent": {"precision": 0.5, "recall": 1.0, "f1": 0.6666666666666666, "labelled": 1, "predicted": 2},
  "idle_funds": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "labelled": 1, "predicted": 1},
  "external_assets": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "labelled": 3, "predicted": 3},
  "product_preference": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "labelled": 1, "predicted": 1},
  "contact_time": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "labelled": 3, "predicted": 3},
  "family": {"precision": 0.0, "recall": null, "f1": 0.0, "labelled": 0, "predicted": 1},
  "complaint": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "labelled": 1, "predicted": 1},
  "do_not_contact": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "labelled": 1, "predicted": 1},
  "advisor_commitment": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "labelled": 1, "predicted": 1}
 },
 "slots": {
  "amount": {"right": 1, "of": 2, "share": 0.5},
  "available_from": {"right": 0, "of": 1, "share": 0.0},
  "due": {"right": 0, "of": 1, "share": 0.0},
  "evidence": {"right": 8, "of": 10, "share": 0.8},
  "matures_on": {"right": 1, "of": 1, "share": 1.0},
  "window": {"right": 2, "of": 3, "share": 0.6666666666666666}
 }
}""")
