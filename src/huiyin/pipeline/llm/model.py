"""The boundary to a large model: a small protocol, with an implementation that asks nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from huiyin.taggers.llm.schema import Prompt

FAILURES: Mapping[str, str] = {
    "timeout": "超时",
    "unreachable": "连不上",
    "broken": "连接中断或回答不完整",
    "certificate": "证书不可信",
    "busy": "服务繁忙（429）",
    "server_error": "服务出错（5xx）",
    "unauthorised": "密钥不对或无权限",
    "not_found": "没有这个地址或模型",
    "refused": "请求被拒绝",
    "redirect": "要求转到别处，未跟随",
    "too_large": "回答过大",
    "wrong_content_type": "回答不是 JSON",
    "unreadable": "回答不合格式",
    "cut": "回答被截断",
    "given_up": "连续失败后不再询问",
}
"""Why a question had no answer (`LargeModelError.reason`), with its label for people."""

HOPELESS = frozenset({"unauthorised", "not_found", "redirect", "certificate", "wrong_content_type"})
"""Reasons that no other conversation will mend: the setting is wrong."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer whose text holds a readable list of tags; tokens as the server counted them, None where it did not."""

    text: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    seconds: float = 0.0


class LargeModel(Protocol):
    """`name` is what tags carry as model version. `ask` may be called from several threads."""

    @property
    def name(self) -> str: ...

    def ask(self, prompt: Prompt) -> Reply:
        """Raises LargeModelError."""
        ...


class ScriptedLargeModel:
    """In memory: answers by a function of the prompt; keeps what it was asked. For tests and rehearsals."""

    def __init__(self, answer: Callable[[Prompt], str], *, name: str = "scripted") -> None:
        self.name = name
        self.asked: list[Prompt] = []
        self._answer = answer

    def ask(self, prompt: Prompt) -> Reply:
        self.asked.append(prompt)
        text = self._answer(prompt)
        return Reply(text=text, tokens_in=len(prompt.system) + len(prompt.user), tokens_out=len(text))
