"""Calls made in WeCom: recorded ones (`meeting_voice_call`) and the bare fact of one (`voiptext`); domain-facts A.4."""

from __future__ import annotations

from huiyin.domain.conversation import Channel, Conversation, Recording, TranscriptState
from huiyin.pipeline.ingest.wecom_media import Media
from huiyin.pipeline.ingest.wecom_messages import Message
from huiyin.pipeline.ingest.wecom_people import Directory, Role
from huiyin.pipeline.ingest.wecom_render import milliseconds, whole_number
from huiyin.pipeline.ingest.wecom_types import INVITE_TYPES

_LONGEST_S = 24 * 3600.0


def call_conversation(message: Message, *, directory: Directory, media: Media) -> Conversation | None:
    """The call as a conversation, `wecom:<msgid>`; None unless exactly one client and an advisor took part."""
    people = [directory.who(u) for u in (message.sender, *message.receivers)]
    clients = {p.id for p in people if p.role is Role.CLIENT}
    advisors = [p.id for p in people if p.role is Role.ADVISOR]
    if len(clients) != 1 or not advisors:
        return None
    (client_id,) = clients
    own = directory.own_advisor.get(client_id)
    advisor_id = people[0].id if people[0].role is Role.ADVISOR else own if own in advisors else min(advisors)
    answered, duration = _length(message)
    recording, state, note = _recording(message, media, answered=answered)
    return Conversation(
        conversation_id=f"wecom:{message.msgid}", channel=Channel.WECOM, client_id=client_id, advisor_id=advisor_id,
        started_at=message.at, medium="call", answered=answered, duration_s=duration, recording=recording,
        direction="outbound" if people[0].role is Role.ADVISOR else "inbound",
        transcript_state=state, transcript_note=note, group_id=message.roomid or None,
    )  # fmt: skip


def _length(message: Message) -> tuple[bool, float | None]:
    """(answered, seconds). A recorded call was answered; of the other kind the duration tells."""
    if message.msgtype == "voiptext":
        seconds = whole_number(message.payload.get("callduration"))
        return (seconds is not None and seconds > 0), (None if seconds is None else float(max(seconds, 0)))
    end = milliseconds(message.payload.get("endtime"))
    # The archive gives no start: msgtime is taken for it (domain-facts, Least certain facts, 2).
    seconds_long = None if end is None else end / 1000 - message.at.timestamp()
    if seconds_long is None or not 0 <= seconds_long <= _LONGEST_S:
        return True, None
    return True, round(seconds_long, 3)


def _recording(
    message: Message, media: Media, *, answered: bool
) -> tuple[Recording | None, TranscriptState, str | None]:
    body = message.payload
    if message.msgtype == "voiptext":
        what = INVITE_TYPES.get(whole_number(body.get("invitetype")) or 0, "通话")
        if not answered:
            return None, TranscriptState.NOT_ANSWERED, f"WeCom {what}: not answered"
        return None, TranscriptState.NO_RECORDING, f"WeCom {what}: the archive holds no audio of it"
    path = media.audio(body.get("md5sum"), message.voiceid, body.get("sdkfileid"), message.msgid)
    if path is None:
        return None, TranscriptState.NO_RECORDING, "the media folder holds no audio of this WeCom call"
    return Recording(path=path), TranscriptState.PENDING, None
