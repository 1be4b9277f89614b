"""One recording to one transcript. Bad audio is an answer, not an accident: it comes back as a named state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from huiyin.domain.conversation import Conversation, Recording, Speaker, TranscriptState, Turn, Word
from huiyin.domain.errors import AudioDecodeError, EmptyAudioError
from huiyin.domain.record import Record
from huiyin.pipeline.transcribe.audio import Audio, is_dual_mono, is_silent, load_audio
from huiyin.pipeline.transcribe.crosstalk import mask_crosstalk
from huiyin.pipeline.transcribe.mono import attribute, is_one_side
from huiyin.pipeline.transcribe.pieces import cut, recognize_pieces
from huiyin.pipeline.transcribe.protocol import Recognizer
from huiyin.pipeline.transcribe.roles import choose_advisor_channel
from huiyin.pipeline.transcribe.utterances import Attributed, as_turns, give_words_to_spans, interleave
from huiyin.pipeline.transcribe.vad import FindSpeech, Span, short_spans, speech_spans
from huiyin.pipeline.transcribe.voices import measure

_UNSURE = 0.75
"""Below this certainty of the roles as a whole a mono transcript says so."""


_LABEL = {Speaker.ADVISOR: "投顾", Speaker.CLIENT: "客户"}


class Transcript(Record):
    """What a recording said, or why it says nothing. `note` is for people, never with words from the call."""

    version: int = 1
    state: TranscriptState
    turns: tuple[Turn, ...] = ()
    note: str | None = None
    sha256: str | None = None
    channels: int | None = None
    duration_s: float | None = None
    advisor_channel: int | None = None  # as used
    recognizer: str | None = None


@dataclass(frozen=True, kw_only=True)
class SpeechFinder:
    """How speech is found: utterances of a channel of its own, and the finer cuts of mixed mono."""

    utterances: FindSpeech = speech_spans
    fine: FindSpeech = short_spans


def transcribe_recording(
    path: Path,
    recognizer: Recognizer,
    *,
    advisor_channel: int | None = None,
    finder: SpeechFinder = SpeechFinder(),
) -> Transcript:
    """Decode, recognise, cut into turns, name the speakers. Never raises for what the file or the recogniser does.

    States: TRANSCRIBED, SILENT (nobody speaks), MISSING_FILE, EMPTY, UNREADABLE, FAILED (the recogniser; try again).
    """
    audio = _loaded(path)
    if isinstance(audio, Transcript):
        return audio
    try:
        return _transcribed(audio, recognizer, advisor_channel, finder)
    except Exception as error:  # whatever the engine raises, one recording must not stop ten thousand
        return _about(
            audio, TranscriptState.FAILED, [f"识别失败，可重试 (recogniser: {type(error).__name__}: {error})"]
        )


def transcribe_voice(
    path: Path,
    recognizer: Recognizer,
    *,
    speaker: Speaker,
    finder: SpeechFinder = SpeechFinder(),
) -> Transcript:
    """A voice message: one channel, one known speaker, one turn. States as transcribe_recording."""
    audio = _loaded(path)
    if isinstance(audio, Transcript):
        return audio
    try:
        mixed = audio.channels.mean(axis=0, keepdims=True)
        spans = finder.utterances(mixed[0])
        words = _words(recognizer, mixed, [spans], audio.duration_s)[0]
    except Exception as error:
        return _about(
            audio, TranscriptState.FAILED, [f"识别失败，可重试 (recogniser: {type(error).__name__}: {error})"]
        )
    whole = Span(start=0.0, end=audio.duration_s)
    said = [Attributed(utterance=one, speaker=speaker) for one in give_words_to_spans(words, [whole])]
    return _finished(audio, as_turns(said), list(audio.notes), recognizer, None)


def _loaded(path: Path) -> Audio | Transcript:
    try:
        return load_audio(path)
    except FileNotFoundError:
        return Transcript(state=TranscriptState.MISSING_FILE, note="录音文件不存在 (the recording is not there)")
    except EmptyAudioError as error:
        return Transcript(state=TranscriptState.EMPTY, note=str(error))
    except AudioDecodeError as error:
        return Transcript(state=TranscriptState.UNREADABLE, note=str(error))
    except OSError as error:
        return Transcript(state=TranscriptState.UNREADABLE, note=f"录音读不出来 (cannot be read: {error.strerror})")


def _transcribed(audio: Audio, recognizer: Recognizer, advisor_channel: int | None, finder: SpeechFinder) -> Transcript:
    notes = list(audio.notes)
    silent = [is_silent(channel) for channel in audio.channels]
    if all(silent):
        return _about(audio, TranscriptState.SILENT, [*notes, "录音里没有声音"], recognizer)
    if len(audio.channels) == 2 and not any(silent) and not is_dual_mono(audio.channels):
        return _stereo(audio, recognizer, advisor_channel, finder, notes)
    if len(audio.channels) == 2:
        notes.append(f"声道 {silent.index(True)} 没有声音" if any(silent) else "两个声道相同，按单声道处理")
    active = silent.index(False)
    alone = None
    if any(silent) and advisor_channel is not None:
        alone = Speaker.ADVISOR if active == advisor_channel else Speaker.CLIENT
    return _mono(audio, audio.channels[active : active + 1], recognizer, finder, notes, alone)


def _stereo(
    audio: Audio, recognizer: Recognizer, given: int | None, finder: SpeechFinder, notes: list[str]
) -> Transcript:
    channels = mask_crosstalk(audio.channels)
    spans = [finder.utterances(channel) for channel in channels]
    words = _words(recognizer, channels, spans, audio.duration_s)
    utterances = [give_words_to_spans(words[at], spans[at], channel=at) for at in (0, 1)]
    choice = choose_advisor_channel(utterances, given)
    if choice.note and any(utterances):
        notes.append(choice.note)
    said = [
        Attributed(
            utterance=one,
            speaker=Speaker.ADVISOR if one.channel == choice.advisor_channel else Speaker.CLIENT,
            certainty=choice.certainty,
        )
        for one in interleave(utterances)
    ]
    return _finished(audio, as_turns(said), notes, recognizer, choice.advisor_channel)


def _mono(
    audio: Audio,
    heard: npt.NDArray[np.float32],
    recognizer: Recognizer,
    finder: SpeechFinder,
    notes: list[str],
    alone: Speaker | None,
) -> Transcript:
    spans = finder.utterances(heard[0])
    words = _words(recognizer, heard, [spans], audio.duration_s)[0]
    only = alone if is_one_side(spans) else None
    fine = finder.fine(heard[0])
    result = attribute(words, fine, measure(heard[0], fine), only=only)
    turns = as_turns(result.turns)
    if turns:
        notes.append(_mono_note(result.certainty) if only is None else f"只录到{_LABEL[only]}一方，请核对")
    return _finished(audio, turns, notes, recognizer, None)


def _mono_note(certainty: float) -> str:
    doubt = "，可能有误，请听录音核对" if certainty < _UNSURE else ""
    return f"单声道录音，按内容和嗓音区分投顾与客户（把握 {certainty:.0%}）{doubt}"


def _words(
    recognizer: Recognizer, channels: npt.NDArray[np.float32], spans: Sequence[Sequence[Span]], duration_s: float
) -> dict[int, list[Word]]:
    pieces = [piece for at, found in enumerate(spans) for piece in cut(found, channel=at, duration_s=duration_s)]
    return recognize_pieces(recognizer, channels, pieces)


def _about(
    audio: Audio,
    state: TranscriptState,
    notes: Sequence[str],
    recognizer: Recognizer | None = None,
    turns: tuple[Turn, ...] = (),
    advisor_channel: int | None = None,
) -> Transcript:
    return Transcript(
        state=state,
        turns=turns,
        note="；".join(notes) or None,
        sha256=audio.sha256,
        channels=len(audio.channels),
        duration_s=round(audio.duration_s, 2),
        advisor_channel=advisor_channel,
        recognizer=recognizer.name if recognizer else None,
    )


def _finished(
    audio: Audio, turns: tuple[Turn, ...], notes: list[str], recognizer: Recognizer, advisor_channel: int | None
) -> Transcript:
    if not turns:
        return _about(audio, TranscriptState.SILENT, [*notes, "录音里没有人说话"], recognizer)
    return _about(audio, TranscriptState.TRANSCRIBED, notes, recognizer, turns, advisor_channel)


def apply(conversation: Conversation, transcript: Transcript) -> Conversation:
    """The call with its transcript. What the call record says of duration and channel is kept where it says it."""
    recording = conversation.recording
    if recording is not None:
        recording = Recording(
            path=recording.path,
            sha256=transcript.sha256 or recording.sha256,
            advisor_channel=recording.advisor_channel
            if transcript.advisor_channel is None
            else transcript.advisor_channel,
            channels=transcript.channels or recording.channels,
            duration_s=recording.duration_s if transcript.duration_s is None else transcript.duration_s,
        )
    return conversation.model_copy(
        update={
            "turns": transcript.turns,
            "recording": recording,
            "transcript_state": transcript.state,
            "transcript_note": transcript.note,
            "recognizer": transcript.recognizer,
            "duration_s": transcript.duration_s if conversation.duration_s is None else conversation.duration_s,
        }
    )


def apply_voice(conversation: Conversation, msgid: str, transcript: Transcript) -> Conversation:
    """The chat with the words of one voice message in place of its marker; without words, as it was."""
    if not transcript.turns:
        return conversation
    heard = transcript.turns[0]

    def replaced(turn: Turn) -> Turn:
        if turn.msgid != msgid:
            return turn
        words = tuple(
            word.model_copy(update={"start": turn.start + word.start, "end": turn.start + word.end})
            for word in heard.words
        )
        return turn.model_copy(update={"text": heard.text, "confidence": heard.confidence, "words": words})

    return conversation.model_copy(update={"turns": tuple(replaced(turn) for turn in conversation.turns)})
