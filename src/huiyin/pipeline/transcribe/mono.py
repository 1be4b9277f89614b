"""Both speakers on one channel: cut where the voice changes, roles judged by what is said and by the voice.

The two roles follow a small hidden Markov model over utterances: what is said (roles.py) and which of two voices says
it (voices.py) speak for a role, and after a pause the other side is a little likelier to go on.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huiyin.domain.conversation import Speaker, Word
from huiyin.pipeline.transcribe.roles import log_odds
from huiyin.pipeline.transcribe.utterances import Attributed, Utterance, give_words_to_spans
from huiyin.pipeline.transcribe.vad import Span
from huiyin.pipeline.transcribe.voices import Voices

_TAKES_TURN = 0.6
"""The probability that the other side speaks next after a pause of TURN_GAP_S or more."""
TURN_GAP_S = 0.25
_VOICE_NATS = 3.0
"""How much a voice squarely on one side says about the role, once it is known whose voice it is."""
_TWO_VOICES = 2.2
"""Separation above which the voices are taken for two (voices.Voices)."""
_SHORTEST_RUN_S = 0.6
"""A change of voice shorter than this in the middle of speech is noise of the measurement."""


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """`certainty` is the probability that the two roles are not swapped as a whole."""

    turns: tuple[Attributed, ...]
    certainty: float
    two_voices: bool


def attribute(words: Sequence[Word], spans: Sequence[Span], voices: Voices) -> Attribution:
    """Utterances with their roles. `spans` are the finer cuts (vad.short_spans); no word is lost."""
    two_voices = voices.separation >= _TWO_VOICES
    pieces = give_words_to_spans(words, spans, channel=0)
    if two_voices:
        pieces = [part for piece in pieces for part in _cut_at_voice_changes(piece, voices)]
    if not pieces:
        return Attribution(turns=(), certainty=1.0, two_voices=two_voices)
    said = np.array([log_odds(piece.text) / 2 for piece in pieces])
    said *= np.where(np.array([piece.start for piece in pieces]) < 20.0, 1.5, 1.0)
    heard = np.zeros(len(pieces))
    if two_voices:
        heard = _VOICE_NATS * np.clip([voices.side(piece.start, piece.end) for piece in pieces], -1.2, 1.2)
    switch = _switching(pieces)
    straight, swapped = _forward_backward((said, heard), switch), _forward_backward((said, -heard), switch)
    best, other = (straight, swapped) if straight[1] >= swapped[1] else (swapped, straight)
    sure = 1 / (1 + float(np.exp(min(0.0, (other[1] - best[1]) / 2)))) if two_voices else 0.75
    attributed = [_attributed(piece, float(p), sure) for piece, p in zip(pieces, best[0], strict=True)]
    return Attribution(turns=tuple(_joined(attributed)), certainty=sure, two_voices=two_voices)


def _attributed(piece: Utterance, advisor: float, sure: float) -> Attributed:
    speaker = Speaker.ADVISOR if advisor >= 0.5 else Speaker.CLIENT
    return Attributed(utterance=piece, speaker=speaker, certainty=max(advisor, 1 - advisor) * sure)


def _switching(pieces: Sequence[Utterance]) -> npt.NDArray[np.float64]:
    gaps = np.array([after.start - before.end for before, after in itertools.pairwise(pieces)])
    return np.where(gaps >= TURN_GAP_S, _TAKES_TURN, 0.5)


def _forward_backward(
    evidence: Sequence[npt.NDArray[np.float64]], switch: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], float]:
    """The probability of the advisor for each utterance, and the log-likelihood of all the evidence.

    Each of `evidence` gives nats for the advisor; they count as independent. `switch` is the probability of a change
    before each utterance but the first.
    """
    likelihood = np.ones((len(evidence[0]), 2))
    for nats in evidence:
        likelihood *= np.stack([1 / (1 + np.exp(-nats)), 1 / (1 + np.exp(nats))], axis=1)
    forward = np.empty_like(likelihood)
    total, state = 0.0, np.array([0.5, 0.5])
    for at, seen in enumerate(likelihood):
        if at:
            state = state * (1 - switch[at - 1]) + state[::-1] * switch[at - 1]
        state = state * seen
        total += float(np.log(state.sum()))
        state = state / state.sum()
        forward[at] = state
    behind = np.array([1.0, 1.0])
    posterior = np.empty_like(forward)
    posterior[-1] = forward[-1]
    for at in range(len(likelihood) - 2, -1, -1):
        ahead = behind * likelihood[at + 1]
        behind = ahead * (1 - switch[at]) + ahead[::-1] * switch[at]
        behind = behind / behind.sum()
        both = forward[at] * behind
        posterior[at] = both / both.sum()
    return posterior[:, 0], total


def _cut_at_voice_changes(piece: Utterance, voices: Voices) -> list[Utterance]:
    """The utterance cut between words where the voice passes to the other side and stays there for a while."""
    sides = [voices.side(word.start - 0.3, word.end + 0.3) > 0 for word in piece.words]
    runs: list[list[Word]] = []
    kept: list[bool] = []
    for word, side in zip(piece.words, sides, strict=True):
        if kept and kept[-1] == side:
            runs[-1].append(word)
        else:
            runs.append([word])
            kept.append(side)
    runs, kept = _without_short_runs(runs, kept)
    if len(runs) == 1:
        return [piece]
    borders = [piece.start, *(run[0].start for run in runs[1:]), piece.end]
    return [
        Utterance(start=start, end=max(start, end), words=tuple(run), channel=piece.channel)
        for run, start, end in zip(runs, borders, borders[1:], strict=False)
    ]


def _without_short_runs(runs: list[list[Word]], kept: list[bool]) -> tuple[list[list[Word]], list[bool]]:
    """Runs too short to be a turn join the run before them (the first one, the run after it)."""
    joined: list[list[Word]] = []
    sides: list[bool] = []
    for run, side in zip(runs, kept, strict=True):
        is_short = run[-1].end - run[0].start < _SHORTEST_RUN_S
        if joined and (is_short or side == sides[-1]):
            joined[-1].extend(run)
        elif joined and len(joined) == 1 and joined[0][-1].end - joined[0][0].start < _SHORTEST_RUN_S:
            joined[0].extend(run)
            sides[0] = side
        else:
            joined.append(list(run))
            sides.append(side)
    return joined, sides


def _joined(attributed: Sequence[Attributed]) -> list[Attributed]:
    """Neighbours of one speaker with hardly a pause between them are one turn."""
    result: list[Attributed] = []
    for one in attributed:
        before = result[-1] if result else None
        close = before is not None and one.utterance.start - before.utterance.end < TURN_GAP_S
        if before is not None and close and before.speaker == one.speaker:
            whole = Utterance(
                start=before.utterance.start,
                end=max(before.utterance.end, one.utterance.end),
                words=before.utterance.words + one.utterance.words,
                channel=one.utterance.channel,
            )
            result[-1] = Attributed(
                utterance=whole, speaker=one.speaker, certainty=min(before.certainty, one.certainty)
            )
        else:
            result.append(one)
    return result
