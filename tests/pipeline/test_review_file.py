"""The review file: what goes out for a person to fill in, and what is taken of what comes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from store_records import START, conversation, tag

from huiyin.domain.correction import Verdict, judge
from huiyin.domain.errors import MissingFileError
from huiyin.domain.tag import Stance
from huiyin.pipeline.ingest.issue import Severity
from huiyin.pipeline.labelled import read_labelled
from huiyin.pipeline.review import ReviewFile, is_settled, labelled_line, read_review, review_line

TALK = conversation("d1", "我想开两融", "好的", "手上有三十万闲钱", "行", "嗯", "那个", "再见", "再见")
LINE = review_line(tag(confidence=0.6), TALK)


def read(tmp_path: Path, *lines: object) -> ReviewFile:
    path = tmp_path / "r.jsonl"
    texts = [x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return read_review(path, {"d1": TALK}.get, by="王", at=START)


def test_a_line_shows_the_words_around_the_proof_and_the_choices() -> None:
    assert [(c["turn"], c["proof"]) for c in LINE["context"]] == [(0, True), (1, False), (2, False)]
    assert LINE["choices"]["margin"] == "融资融券"
    assert (LINE["verdict"], LINE["new_value"], LINE["confidence"]) == (None, None, 0.6)


def test_a_file_as_it_was_written_holds_no_judgement(tmp_path: Path) -> None:
    found = read(tmp_path, LINE, {**LINE, "verdict": " "})
    assert (found.corrections, found.issues, found.open) == ((), (), 2)


@pytest.mark.parametrize(
    ("word", "verdict"), [("对", "right"), ("错", "wrong"), ("right", "right"), ("wrong", "wrong")]
)
def test_verdicts_in_both_languages(tmp_path: Path, word: str, verdict: str) -> None:
    (found,) = read(tmp_path, {**LINE, "verdict": word}).corrections
    expected = judge(tag(), Verdict(verdict), at=START, by="王")
    assert found == expected


def test_a_change_of_value_and_stance(tmp_path: Path) -> None:
    line = {**LINE, "verdict": "改", "new_value": {"permission": "options"}, "new_stance": "negated", "by": "李"}
    (found,) = read(tmp_path, line).corrections
    assert (found.right_value, found.right_stance, found.by) == ({"permission": "options"}, Stance.NEGATED, "李")
    assert (found.rule, found.lexicon_version) == ("margin.want", "0123456789ab")


def test_a_missing_tag_is_a_line_of_its_own(tmp_path: Path) -> None:
    line = {
        "conversation_id": "d1", "tag": "idle_funds", "value": {"amount": [300000, 300000]}, "turns": [2],
        "quote": "三十万闲钱", "verdict": "漏", "at": "2026-03-14T09:00",
    }  # fmt: skip
    found = read(tmp_path, line)
    (missing,) = found.corrections
    assert missing.verdict is Verdict.MISSING
    assert missing.value == {"amount": [300000.0, 300000.0], "available_from": None}
    assert (found.dated, missing.rule, missing.at.day) == ((True,), None, 14)


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"verdict": "maybe"}, "verdict"),
        ({"verdict": 1}, "verdict"),
        ({"verdict": "改"}, "verdict"),
        ({"verdict": "对", "new_value": {"permission": "options"}}, "verdict"),
        ({"verdict": "改", "new_value": {"permission": "moon"}}, "new_value"),
        ({"verdict": "改", "new_value": "options"}, "new_value"),
        ({"verdict": "改", "new_stance": "maybe"}, "new_stance"),
        ({"conversation_id": "d9"}, "conversation_id"),
        ({"conversation_id": ["d1"]}, "conversation_id"),
        ({"tag": "hobby"}, "tag"),
        ({"tag": ["permission_intent"]}, "tag"),
        ({"stance": "yes"}, "stance"),
        ({"value": {"permission": "moon"}}, "value"),
        ({"turns": [99]}, "turns"),
        ({"turns": ["0"]}, "turns"),
        ({"turns": [True]}, "turns"),
        ({"turns": []}, "turns"),
        ({"quote": "没有说过"}, "quote"),
        ({"quote": 3}, "quote"),
        ({"by": 3}, "by"),
        ({"at": "昨天"}, "at"),
    ],
)
def test_a_bad_line_is_an_error_with_file_and_line_and_the_rest_goes_in(
    tmp_path: Path, wrong: dict[str, Any], column: str
) -> None:
    good = {**LINE, "verdict": "错"}
    found = read(tmp_path, good, {**good, **wrong}, good)
    assert len(found.corrections) == 2
    (issue,) = found.issues
    assert (issue.severity, issue.file, issue.line, issue.column) == (Severity.ERROR, "r.jsonl", 2, column)


def test_a_line_that_is_no_json_and_an_unknown_field_are_told(tmp_path: Path) -> None:
    found = read(tmp_path, "{", {**LINE, "verdict": "对", "mood": "good"}, {**LINE, "verdict": "对", "mood": "bad"})
    assert [(i.severity.value, i.line) for i in found.issues] == [("error", 1), ("warning", 2)]
    assert len(found.corrections) == 2


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="review export"):
        read_review(tmp_path / "none.jsonl", lambda _name: None, by="", at=START)


def test_labels_are_read_back_as_labelled_data(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    path.write_text(json.dumps(labelled_line(TALK, [tag()]), ensure_ascii=False) + "\n", encoding="utf-8")
    (one,) = read_labelled([path])
    assert [t.text for t in one.conversation.turns] == [t.text for t in TALK.turns]
    assert (one.labels[0].tag, one.labels[0].value, one.labels[0].turns) == (
        "permission_intent", {"permission": "margin"}, (0,),
    )  # fmt: skip


def test_labels_leave_out_what_is_no_turn_of_the_two_and_number_anew() -> None:
    recalled = TALK.turns[0].model_copy(update={"recalled": True})
    talk = TALK.model_copy(update={"turns": (recalled, *TALK.turns[1:])})
    line = labelled_line(talk, [tag(turns=(2,), quote="三十万闲钱"), tag(turns=(0,))])
    assert [t["turn"] for t in line["turns"]] == list(range(7))
    assert [t["turns"] for t in line["tags"]] == [[1]]
    assert line["turns"][1]["text"] == "手上有三十万闲钱"


def test_a_conversation_is_settled_when_nothing_uncertain_is_left() -> None:
    sure, unsure = tag(confidence=0.9), tag(value={"permission": "options"}, confidence=0.6)
    right = judge(unsure, Verdict.RIGHT, at=START)
    assert is_settled([sure, unsure], [right], trust=0.8)
    assert not is_settled([sure, unsure], [judge(sure, Verdict.RIGHT, at=START)], trust=0.8)
    assert not is_settled([sure], [], trust=0.8)
