"""A question with made-up words, to see whether a large model answers."""

from __future__ import annotations

from datetime import datetime

from huiyin.domain.conversation import Channel, Conversation, Speaker, Turn
from huiyin.domain.record import SHANGHAI
from huiyin.taggers.llm.schema import Prompt, prompts_of


def probe_prompt() -> Prompt:
    """The prompt of a conversation that nobody had."""
    conversation = Conversation(
        conversation_id="probe", channel=Channel.PHONE, client_id="", advisor_id="",
        started_at=datetime(2026, 3, 12, 10, 5, tzinfo=SHANGHAI),
        turns=(
            Turn(turn=0, speaker=Speaker.ADVISOR, start=0.0, text="您看两融要不要开一个"),
            Turn(turn=1, speaker=Speaker.CLIENT, start=5.0, text="行啊，开两融要什么条件"),
        ),
    )  # fmt: skip
    return prompts_of(conversation)[0]
