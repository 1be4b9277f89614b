"""What a file is, by its first bytes. The extension is never trusted: `.amr` may be SILK, `.wav` may be a web page."""

from __future__ import annotations

from dataclasses import dataclass

from huiyin.domain.errors import AudioDecodeError, EmptyAudioError

HEAD_BYTES = 512
_CONVERT = "请先转成 WAV 或 MP3 (convert it to WAV or MP3 first)"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`demuxer` is FFmpeg's name of the container, None where it has to look itself (behind an ID3 tag)."""

    label: str
    demuxer: str | None


def sniff(head: bytes) -> Kind:
    """The kind of recording that begins with `head` (the first HEAD_BYTES of the file, or fewer).

    Raises EmptyAudioError for no bytes, AudioDecodeError with the reason for whatever is not a known recording.
    """
    if not head:
        raise EmptyAudioError("文件是空的，0 字节 (the file holds no bytes)")
    kind = _container(head) or _stream(head)
    if kind is None:
        raise AudioDecodeError(_why_not(head))
    return kind


def _container(head: bytes) -> Kind | None:
    for magic, label, demuxer in (
        (b"#!AMR-WB\n", "AMR-WB", "amr"),
        (b"#!AMR\n", "AMR", "amr"),
        (b"OggS", "OGG", "ogg"),
        (b"fLaC", "FLAC", "flac"),
        (b"ID3", "MP3", None),
        (b"\x1aE\xdf\xa3", "WebM", "matroska"),
        (b"caff", "CAF", "caf"),
        (b".snd", "AU", "au"),
    ):
        if head.startswith(magic):
            return Kind(label=label, demuxer=demuxer)
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return Kind(label="WAV", demuxer="wav")
    if head[4:8] == b"ftyp":
        return Kind(label="M4A", demuxer="mov")
    return None


def _stream(head: bytes) -> Kind | None:
    """MPEG audio or ADTS AAC without a container: eleven or twelve set bits, then a valid layer."""
    if len(head) < 4 or head[0] != 0xFF:
        return None
    layer = (head[1] >> 1) & 3
    if head[1] & 0xF6 == 0xF0:
        return Kind(label="AAC", demuxer="aac")
    rate_is_valid = head[2] >> 4 not in (0, 15) and (head[2] >> 2) & 3 != 3
    if head[1] & 0xE0 == 0xE0 and layer in (1, 2) and rate_is_valid:
        return Kind(label="MP3", demuxer="mp3")
    return None


def _why_not(head: bytes) -> str:
    if head.startswith((b"#!SILK", b"\x02#!SILK")):
        return f"这是微信的 SILK 语音，解码器不支持 (WeChat SILK voice, no decoder): {_CONVERT}"
    if head.startswith(b"PK\x03\x04"):
        return "这是 ZIP 压缩包，请先解压 (a ZIP archive: unpack it first)"
    if head.startswith((b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")):
        return "这是压缩包，请先解压 (an archive: unpack it first)"
    if head.startswith(b"%PDF"):
        return "这是 PDF，不是录音 (a PDF, not audio)"
    if head[:4] == b"RIFF":
        return f"RIFF 文件，但不是 WAVE (a RIFF file, but no WAVE): {_CONVERT}"
    if not any(head):
        return "文件全是零字节，录音没有写完 (zero bytes only: the recording was never written)"
    if _is_text(head):
        what = "网页" if head.lstrip()[:1] == b"<" else "文本"
        return f"内容是{what}，不是录音，可能是下载失败的报错 (text, not audio: perhaps a failed download)"
    return (
        "不认识的格式，不是 WAV、MP3、M4A、AMR、OGG 或 FLAC；无文件头的裸流（.pcm .vox）与厂商格式（.V3 .nmf）"
        f"请先转换 (unknown format, perhaps headerless or a vendor's own): {_CONVERT}"
    )


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    controls = sum(byte < 32 and byte not in (9, 10, 12, 13) for byte in head)
    if controls:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            head[: len(head) - 4 if len(head) >= HEAD_BYTES else len(head)].decode(encoding, "strict")
        except UnicodeDecodeError as error:
            if error.start < len(head) - 8:
                continue
        return True
    return False
