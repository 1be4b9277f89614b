"""The client against a server that misbehaves: every failure has its reason, none hangs, none leaks words."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from llm_server import (
    Behaviour,
    LlmServer,
    completion,
    drip,
    endless,
    hang,
    hang_in_body,
    http,
    raw,
    refuses_formats,
    reset,
    status,
    truncated,
    truncated_chunks,
)

from huiyin.domain.errors import InputError, LargeModelError
from huiyin.pipeline.llm.client import LONGEST_WAIT_S, HttpLargeModel, settings
from huiyin.pipeline.llm.model import FAILURES, Reply
from huiyin.pipeline.llm.probe import probe_prompt

GOOD = completion(tags=[{"tag": "idle_funds"}])
PROMPT = probe_prompt()


class Client:
    """A model on that server that waits for nobody; `waits` are the seconds it would have waited."""

    def __init__(self, server: LlmServer, *, seconds: float = 5.0, most_bytes: int = 1 << 20, key: str | None = None):
        self.waits: list[float] = []
        given = replace(settings(server.url, "qwen", key, seconds=seconds), most_bytes=most_bytes)
        self.model = HttpLargeModel(given, sleep=self.waits.append)

    def ask(self) -> Reply:
        return self.model.ask(PROMPT)

    def reason(self) -> str:
        with pytest.raises(LargeModelError) as caught:
            self.ask()
        assert caught.value.reason in FAILURES
        assert "两融" not in str(caught.value), "words of a conversation in an error"
        assert "secret" not in str(caught.value)
        return caught.value.reason


def test_a_question_as_the_protocol_wants_it() -> None:
    with LlmServer(GOOD) as server:
        reply = Client(server, key="secret-key").ask()
    asked = server.requests[0]
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["authorization"] == "Bearer secret-key"
    assert [m["role"] for m in asked.body["messages"]] == ["system", "user"]
    assert asked.body["model"] == "qwen"
    assert asked.body["stream"] is False
    assert asked.body["temperature"] == 0
    assert asked.body["response_format"]["type"] == "json_schema"
    assert (reply.tokens_in, reply.tokens_out) == (1200, 40)
    assert json.loads(reply.text) == {"tags": [{"tag": "idle_funds"}]}


def test_without_a_key_no_key_is_sent() -> None:
    with LlmServer(GOOD) as server:
        Client(server).ask()
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("text", "usage"),
    [
        ('<think>也许 {"tags": [1]} 不对</think>\n```json\n{"tags": [{"tag": "idle_funds"}]}\n```', {}),
        ('好的，标签如下：{"tags": [{"tag": "idle_funds"}]} 以上。', "none"),
        ([{"type": "text", "text": '{"tags": [{"tag": "idle_funds"}]}'}], {"prompt_tokens": "many"}),
    ],
)
def test_answers_in_other_words_are_read(text: object, usage: object) -> None:
    with LlmServer(completion(text, usage=usage)) as server:
        reply = Client(server).ask()
    assert "idle_funds" in reply.text
    assert reply.tokens_in is None


@pytest.mark.parametrize(
    "first",
    [status(500), status(503), status(408), status(429), reset, truncated, truncated_chunks, raw(b"SSH-2.0-x\r\n\r\n"),
     raw(b""), completion('{"tags": [{"tag": "idle'), completion('{"labels": []}'), completion("没有标签"),
     raw(http(200, b'{"choices": [')), raw(http(200, b"[]")), raw(http(200, b'{"choices": [7]}')),
     raw(http(200, b'{"choices": [{"message": {"content": null}}]}')),
     raw(http(200, b'{"choices": [{"message": {"content": [1]}}]}')), raw(http(200, b"\xff\xfe\x00"))],
)  # fmt: skip
def test_what_may_pass_is_asked_again(first: Behaviour) -> None:
    with LlmServer(first, GOOD) as server:
        client = Client(server)
        assert "idle_funds" in client.ask().text
    assert len(server.requests) == 2
    assert client.waits == [1.0]


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (status(500), "server_error"),
        (status(429), "busy"),
        (reset, "broken"),
        (truncated, "broken"),
        (completion('{"tags": ['), "unreadable"),
    ],
)
def test_it_gives_up_after_its_tries_with_growing_waits(behaviour: Behaviour, reason: str) -> None:
    with LlmServer(behaviour) as server:
        client = Client(server)
        assert client.reason() == reason
    assert len(server.requests) == 3
    assert client.waits == [1.0, 2.0]


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (status(401), "unauthorised"),
        (status(403), "unauthorised"),
        (status(404), "not_found"),
        (status(413), "refused"),
        (status(200, b"<html>login</html>", kind="text/html"), "wrong_content_type"),
        (status(200, b"data: {}\n\n", kind="text/event-stream"), "wrong_content_type"),
        (completion('{"tags": [{"tag": "idle', finish="length"), "cut"),
        (raw(http(200, b"x", length=1 << 40)), "too_large"),
        (endless, "too_large"),
    ],
)
def test_what_will_not_pass_is_asked_once(behaviour: Behaviour, reason: str) -> None:
    with LlmServer(behaviour) as server:
        client = Client(server)
        assert client.reason() == reason
    assert len(server.requests) == 1
    assert client.waits == []


def test_an_answer_cut_behind_its_tags_counts() -> None:
    with LlmServer(completion('{"tags": []} 另外', finish="length")) as server:
        assert Client(server).ask().text.startswith('{"tags"')


@pytest.mark.parametrize("behaviour", [hang, hang_in_body, drip])
def test_a_slow_server_is_left_in_time(behaviour: Behaviour) -> None:
    with LlmServer(behaviour) as server:
        client = Client(server, seconds=0.2)
        assert client.reason() == "timeout"
    assert len(server.requests) == 3


def test_nobody_there() -> None:
    with LlmServer(GOOD) as server:
        client = Client(server)
    assert client.reason() == "unreachable"
    assert client.waits == [1.0, 2.0]


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(code: int) -> None:
    with LlmServer(GOOD) as elsewhere, LlmServer(status(code, Location=elsewhere.url + "/chat/completions")) as server:
        client = Client(server, key="secret")
        assert client.reason() == "redirect"
    assert elsewhere.requests == []
    assert len(server.requests) == 1


def test_a_proxy_of_the_environment_gets_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with LlmServer(GOOD) as proxy, LlmServer(GOOD) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        Client(server).ask()
    assert proxy.requests == []
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("value", "wait"),
    [("7", 7.0), ("0", 1.0), ("99999", LONGEST_WAIT_S), ("soon", 1.0), ("-5", 1.0),
     (format_datetime(datetime(2020, 1, 1, tzinfo=UTC)), 1.0),
     (format_datetime(datetime.now(UTC) + timedelta(days=1)), LONGEST_WAIT_S)],
)  # fmt: skip
def test_the_server_says_how_long_to_wait(value: str, wait: float) -> None:
    with LlmServer(status(429, Retry_After=value), GOOD) as server:
        client = Client(server)
        client.ask()
    assert client.waits == [wait]


@pytest.mark.parametrize(
    ("refused", "code", "body", "taken"),
    [
        (("json_schema",), 400, b"{}", "json_object"),
        (("json_schema", "json_object"), 422, b"{}", "text"),
        (("json_schema",), 500, b'{"error": "failed to parse grammar"}', "json_object"),
    ],
)
def test_a_server_that_refuses_the_schema_is_asked_less(
    refused: tuple[str, ...], code: int, body: bytes, taken: str
) -> None:
    with LlmServer(refuses_formats(*refused, then=GOOD, code=code, body=body)) as server:
        client = Client(server)
        client.ask()
        assert client.model.answer_format == taken
        before = len(server.requests)
        client.ask()
        assert len(server.requests) == before + 1, "what the server takes is remembered"


def test_a_question_refused_in_every_form_is_refused() -> None:
    with LlmServer(status(400), status(400), status(400), GOOD) as server:
        client = Client(server)
        assert client.reason() == "refused"
        client.ask()
        assert client.model.answer_format == "json_schema", "one long conversation changes nothing for the others"


@pytest.mark.parametrize(
    "url",
    ["10.0.0.7:8000", "ftp://h/v1", "http://", "http://h:port/v1", "http://user:pw@h/v1", "http://h/v1?key=1",
     "http://h/v 1", "http://h/v1\r\nX: y", "file:///etc/passwd"],
)  # fmt: skip
def test_unusable_addresses_are_told(url: str) -> None:
    with pytest.raises(InputError, match="--llm"):
        settings(url, "m")


@pytest.mark.parametrize("url", ["http://h:8000/v1", "http://h:8000/v1/", "http://h:8000/v1/chat/completions"])
def test_an_address_may_be_written_in_several_ways(url: str) -> None:
    assert str(settings(url, "m").address) == "http://h:8000/v1"


def test_a_key_is_never_shown_and_must_be_one() -> None:
    assert "sk-1" not in repr(settings("http://h/v1", "m", "sk-1"))
    with pytest.raises(InputError, match="HUIYIN_LLM_API_KEY"):
        settings("http://h/v1", "m", "sk-1\r\nHost: elsewhere")
    with pytest.raises(InputError, match="--llm-model"):
        settings("http://h/v1", " ")
