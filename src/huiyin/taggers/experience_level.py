"""experience_level: a beginner, or somebody who has seen a few markets (spec/tags.md).

Told as past it still counts ("以前做过两融" is experience); told of a parent or a child it does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from huiyin.taggers.analysis import AnalysedTurn, Analysis
from huiyin.taggers.candidate import Candidate
from huiyin.taggers.levels import assented, spoken
from huiyin.taggers.rules import RuleMatch

TAG = "experience_level"
SOMEBODY_ELSE = re.compile(
    r"我(?:妈|爸|爹|娘|老公|老婆|爱人|先生|老头子|媳妇|老伴|爷|奶|老汉|丈人|岳父|儿子|女儿|闺女|孙|哥|姐|弟|妹|叔|舅|姨|姑)|[它他她](?!们)|儿子|女儿|闺女|孙子|猫|狗"
)
HELPED = re.compile(r"给我|帮我|替我|甩给|都是|一直是|户")


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for experience_level."""
    for turn, match, candidate in spoken(TAG, analysis):
        if not _of_somebody_else(turn, match):
            yield candidate
    yield from assented(TAG, analysis)


def _of_somebody_else(turn: AnalysedTurn, match: RuleMatch) -> bool:
    """Whether the words have another subject: 我妈九几年去排队; not 户都是闺女给我弄的, which tells of him."""
    clause = turn.clause_at(match.start)
    said = turn.text[clause.start if clause else match.start : match.end]
    return bool(SOMEBODY_ELSE.search(said)) and not HELPED.search(said)
