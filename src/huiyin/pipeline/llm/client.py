"""A large model behind an OpenAI-compatible server (vLLM, Ollama, llama.cpp): POST {URL}/chat/completions.

    >>> model = HttpLargeModel(settings("http://10.0.0.7:8000/v1", "qwen3-32b"))
    >>> model.ask(prompt).text
    '{"tags": [...]}'

The answer is bound to a JSON schema; a server that refuses one is asked for any JSON object, then for plain text.
Messages of errors name the address and the status, never what was sent or answered.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from huiyin.domain.errors import InputError, LargeModelError
from huiyin.pipeline.llm.http import Address, Response, post, read_address
from huiyin.pipeline.llm.model import Reply
from huiyin.taggers.llm.read import parse_answer
from huiyin.taggers.llm.schema import Prompt, answer_schema

FIRST_WAIT_S = 1.0
"""Seconds before the second try; each further wait is twice as long."""
LONGEST_WAIT_S = 60.0
"""Seconds that a server may ask us to wait (Retry-After)."""
_FORMATS: tuple[Mapping[str, Any] | None, ...] = (
    {"type": "json_schema", "json_schema": {"name": "tags", "strict": True, "schema": answer_schema()}},
    {"type": "json_object"},
    None,
)
FORMAT_NAMES = ("json_schema", "json_object", "text")
_ABOUT_FORMAT = re.compile(rb"response_format|json_schema|grammar|schema", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class LargeModelSettings:
    """Where the model is and how long to wait for it. `seconds` holds for one try, `tries` for one question."""

    address: Address
    name: str
    api_key: str | None = field(default=None, repr=False)
    seconds: float = 120.0
    tries: int = 3
    most_bytes: int = 1 << 20
    most_tokens: int = 4096


def settings(url: str, name: str, api_key: str | None = None, *, seconds: float = 120.0) -> LargeModelSettings:
    """Settings from what an operator gives. Raises InputError that names the option."""
    if not name.strip():
        raise InputError("--llm needs --llm-model NAME (or HUIYIN_LLM_MODEL): the model as the server calls it")
    key = (api_key or "").strip() or None
    if key and any(not 33 <= ord(c) <= 126 for c in key):
        raise InputError("HUIYIN_LLM_API_KEY holds blanks or characters that no key has")
    return LargeModelSettings(address=read_address(url), name=name.strip(), api_key=key, seconds=seconds)


class HttpLargeModel:
    """The model behind one address. Keeps nothing but which answer format the server takes."""

    def __init__(self, given: LargeModelSettings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.name = given.name
        self._given = given
        self._sleep = sleep
        self._format = 0

    @property
    def answer_format(self) -> str:
        """The format that the last answer came in, of FORMAT_NAMES."""
        return FORMAT_NAMES[self._format]

    def ask(self, prompt: Prompt) -> Reply:
        """The answer, after up to `tries` tries. Raises LargeModelError of the last one."""
        started = time.monotonic()
        for number in range(self._given.tries):
            try:
                return self._once(prompt, started)
            except LargeModelError as error:
                if not error.again or number + 1 == self._given.tries:
                    raise
                self._sleep(min(LONGEST_WAIT_S, max(error.after_s or 0.0, FIRST_WAIT_S * 2**number)))
        raise AssertionError("unreachable: the last try returns or raises")

    def _once(self, prompt: Prompt, started: float) -> Reply:
        for number in range(self._format, len(_FORMATS)):
            response = self._post(prompt, _FORMATS[number])
            if number + 1 < len(_FORMATS) and _refuses_format(response):
                continue
            reply = _reply(response, time.monotonic() - started, self._given.address)
            self._format = number
            return reply
        raise AssertionError("unreachable: the last format returns or raises")

    def _post(self, prompt: Prompt, answer_format: Mapping[str, Any] | None) -> Response:
        body: dict[str, Any] = {
            "model": self._given.name,
            "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
            "temperature": 0, "seed": 0, "max_tokens": self._given.most_tokens, "stream": False,
        }  # fmt: skip
        if answer_format is not None:
            body["response_format"] = answer_format
        headers = {
            "Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity",
            "Connection": "close", "User-Agent": "huiyin",
        }  # fmt: skip
        if self._given.api_key:
            headers["Authorization"] = f"Bearer {self._given.api_key}"
        return post(
            self._given.address, "/chat/completions", json.dumps(body, ensure_ascii=False).encode(),
            headers=headers, seconds=self._given.seconds, most_bytes=self._given.most_bytes,
        )  # fmt: skip


def _refuses_format(response: Response) -> bool:
    if response.status in (400, 415, 422, 501):
        return True
    return response.status == 500 and _ABOUT_FORMAT.search(response.body) is not None  # llama.cpp: no grammar from it


def _reply(response: Response, seconds: float, address: Address) -> Reply:
    _check_status(response, address)
    kind = response.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if not (kind == "application/json" or kind.endswith("+json")):
        raise LargeModelError("wrong_content_type", f"{address}: answers {kind or 'without a type'}, not JSON")
    try:
        data = json.loads(response.body)
        choice = data["choices"][0]
        text = _text(choice["message"]["content"])
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise LargeModelError("unreadable", f"{address}: the answer is no chat completion", again=True) from None
    if parse_answer(text) is None:
        if choice.get("finish_reason") == "length":
            raise LargeModelError("cut", f"{address}: the answer reached the limit of tokens")
        raise LargeModelError("unreadable", f"{address}: the answer holds no list of tags", again=True)
    usage = data.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return Reply(
        text=text, tokens_in=_count(usage.get("prompt_tokens")), tokens_out=_count(usage.get("completion_tokens")),
        seconds=round(seconds, 3),
    )  # fmt: skip


def _check_status(response: Response, address: Address) -> None:
    status = response.status
    if status == 200:
        return
    after = _retry_after(response.headers.get("retry-after"))
    if status == 429:
        raise LargeModelError("busy", f"{address}: too many requests (429)", again=True, after_s=after)
    if status >= 500 or status == 408:
        raise LargeModelError("server_error", f"{address}: status {status}", again=True, after_s=after)
    if 300 <= status < 400:
        raise LargeModelError("redirect", f"{address}: wants to send us elsewhere ({status}); give the final address")
    if status in (401, 403):
        raise LargeModelError("unauthorised", f"{address}: status {status}; set HUIYIN_LLM_API_KEY to the server's key")
    if status == 404:
        raise LargeModelError("not_found", f"{address}: status 404; does the URL end in /v1, has it the model?")
    raise LargeModelError("refused", f"{address}: status {status}")


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait, from a number or a date; None where there is neither."""
    if value is None:
        return None
    if re.fullmatch(r"\d{1,6}", value.strip()):
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _text(content: Any) -> str:
    """The content of a message: a string, or parts of type text."""
    if isinstance(content, str):
        return content
    return "".join(str(part["text"]) for part in content if part.get("type", "text") == "text")


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None
