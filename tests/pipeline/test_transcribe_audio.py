"""Decoding: every format that recorders write, and a clear reason for whatever is no recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from audio_files import encoded, gsm_wav, silence, tone, wav_bytes, written

from huiyin.domain.errors import AudioDecodeError, EmptyAudioError
from huiyin.pipeline.transcribe.audio import decode_audio, is_dual_mono, is_silent, load_audio
from huiyin.pipeline.transcribe.protocol import SAMPLE_RATE

FORMATS = [
    ("pcm_alaw", "wav", 8000, 2, "WAV pcm_alaw"),
    ("pcm_mulaw", "wav", 8000, 1, "WAV pcm_mulaw"),
    ("pcm_s16le", "wav", 48000, 2, "WAV pcm_s16le"),
    ("adpcm_ima_wav", "wav", 8000, 1, "WAV adpcm_ima_wav"),
    ("adpcm_ms", "wav", 8000, 2, "WAV adpcm_ms"),
    ("libmp3lame", "mp3", 8000, 2, "MP3 mp3"),
    ("aac", "mp4", 16000, 1, "M4A aac"),
    ("aac", "adts", 16000, 1, "AAC aac"),
    ("libopencore_amrnb", "amr", 8000, 1, "AMR amrnb"),
    ("libopus", "ogg", 16000, 2, "OGG opus"),
    ("flac", "flac", 44100, 2, "FLAC flac"),
]


@pytest.mark.parametrize(("codec", "container", "rate", "count", "named"), FORMATS)
def test_each_format_gives_its_channels_at_16_khz(
    codec: str, container: str, rate: int, count: int, named: str
) -> None:
    left = tone(2.0, hertz=440, rate=rate)
    channels = (left, silence(2.0, rate=rate))[:count]
    audio = decode_audio(encoded(*channels, codec=codec, container=container, rate=rate))
    assert audio.channels.shape[0] == count
    assert audio.channels.dtype == np.float32
    assert audio.duration_s == pytest.approx(2.0, abs=0.15)
    assert audio.format.startswith(named.split()[0])
    assert named.split()[1] in audio.format
    spectrum = np.abs(np.fft.rfft(audio.channels[0]))
    assert spectrum.argmax() / audio.duration_s == pytest.approx(440, abs=5)
    if count == 2:
        assert np.abs(audio.channels[1]).max() < 0.05


def test_gsm_in_wav() -> None:
    audio = decode_audio(gsm_wav(50))
    assert audio.duration_s == pytest.approx(2.0, abs=0.05)
    assert "gsm" in audio.format


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html><body>404 Not Found</body></html>", "网页"),
        ("录音正在生成，请稍后再试\n".encode() * 40, "文本"),
        ("录音正在生成，请稍后再试\n".encode("gb18030") * 40, "文本"),
        ("录音".encode("utf-16"), "文本"),
        (b'{"code": 403, "message": "expired"}', "text"),
        (b"\x02#!SILK_V3" + bytes(200), "SILK"),
        (b"#!SILK_V3" + bytes(200), "SILK"),
        (b"PK\x03\x04" + bytes(200), "ZIP"),
        (b"%PDF-1.7\n" + bytes(50), "PDF"),
        (bytes(4000), "零字节"),
        (b"RIFF\x24\x00\x00\x00AVI LIST" + bytes(100), "WAVE"),
        (bytes(range(1, 250)) * 8, "不认识"),
        (b"fLaC" + bytes(10), "FLAC"),
        (b"RIFF\x24\x08\x00\x00WAVE", "WAV"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(300), "M4A"),
    ],
)
def test_what_is_no_recording_says_what_it_is(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(AudioDecodeError, match=reason):
        load_audio(written(tmp_path, "call.wav", content))


def test_an_empty_file_and_one_without_samples_are_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyAudioError, match="0 字节"):
        load_audio(written(tmp_path, "call.mp3", b""))
    with pytest.raises(EmptyAudioError, match="没有声音数据"):
        decode_audio(wav_bytes(silence(0)))


def test_the_extension_does_not_matter(tmp_path: Path) -> None:
    audio = load_audio(written(tmp_path, "voice.amr", wav_bytes(tone(1.0))))
    assert audio.format.startswith("WAV")


def test_a_cut_file_gives_what_is_there_and_says_so() -> None:
    whole = wav_bytes(tone(10.0))
    audio = decode_audio(whole[: len(whole) * 4 // 10])
    assert audio.duration_s == pytest.approx(4.0, abs=0.1)
    assert any("不完整" in note and "10 秒" in note for note in audio.notes)
    assert decode_audio(whole).notes == ()


def test_a_damaged_stretch_is_passed_over_with_a_note() -> None:
    data = bytearray(encoded(tone(10.0, rate=16000), codec="flac", container="flac", rate=16000))
    third = len(data) // 3
    data[third : 2 * third] = bytes(third)
    audio = decode_audio(bytes(data))
    assert 5.0 < audio.duration_s < 10.2
    assert audio.notes


def test_a_recorder_that_left_the_size_open_is_not_called_cut() -> None:
    data = bytearray(wav_bytes(tone(3.0)))
    data[40:44] = b"\xff\xff\xff\xff"
    audio = decode_audio(bytes(data))
    assert audio.duration_s == pytest.approx(3.0, abs=0.1)
    assert audio.notes == ()


def test_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    import hashlib

    content = wav_bytes(tone(1.0))
    assert load_audio(written(tmp_path, "a.wav", content)).sha256 == hashlib.sha256(content).hexdigest()


def test_dual_mono_is_found_at_any_level_and_two_voices_are_not() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(0, 0.1, (2, SAMPLE_RATE)).astype(np.float32)
    assert is_dual_mono(np.stack([one, one]))
    assert is_dual_mono(np.stack([one, one * 0.4]))
    assert not is_dual_mono(np.stack([one, other]))
    assert not is_dual_mono(np.stack([one, one + other * 0.5]))
    assert not is_dual_mono(np.stack([one, np.zeros_like(one)]))


def test_idle_line_noise_is_silence_and_a_few_words_are_not() -> None:
    noise = np.random.default_rng(1).normal(0, 10 ** (-62 / 20), 60 * SAMPLE_RATE).astype(np.float32)
    assert is_silent(noise)
    spoken = noise.copy()
    spoken[SAMPLE_RATE : SAMPLE_RATE * 3 // 2] += tone(0.5, rate=SAMPLE_RATE, level=0.1)
    assert not is_silent(spoken)


_AMR_BYTES = (12, 13, 15, 17, 19, 20, 26, 31)
"""Of a speech frame's body, by mode (3GPP TS 26.101)."""


def test_amr_with_comfort_noise_keeps_its_length(tmp_path: Path) -> None:
    """Phones send a noise frame and empty ones in a pause; the words after it must not move."""
    head = b"#!AMR\n"
    speech = next((Path(__file__).resolve().parents[2] / "sample_audio" / "media").glob("*.amr")).read_bytes()
    mode = speech[len(head)] >> 3 & 15
    frame = speech[len(head) : len(head) + 1 + _AMR_BYTES[mode]]
    noise, empty = bytes([8 << 3 | 4]) + bytes(5), bytes([15 << 3 | 4])
    path = tmp_path / "pause.amr"
    path.write_bytes(head + frame * 50 + (noise + empty * 7) * 50 + frame * 20)
    audio = load_audio(path)
    assert audio.duration_s == pytest.approx((50 + 400 + 20) * 0.02, abs=0.05)
    assert audio.notes == ()
