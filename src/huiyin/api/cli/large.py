"""`--llm`: a large model of the firm beside the taggers. Off unless an address is given."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

import structlog

from huiyin.api.cli.screen import clock, err
from huiyin.domain.errors import InputError
from huiyin.pipeline.llm.cache import FolderAnswerCache
from huiyin.pipeline.llm.client import HttpLargeModel, LargeModelSettings, settings
from huiyin.pipeline.llm.model import FAILURES
from huiyin.pipeline.llm.tagger import Cost, LargeTagger
from huiyin.pipeline.transcribe.weights import cache_root
from huiyin.taggers.llm.read import DROPS

API_KEY = "HUIYIN_LLM_API_KEY"
TIMEOUT_S = 120.0


def large_settings(url: str | None, name: str | None, seconds: float = TIMEOUT_S) -> LargeModelSettings | None:
    """The settings of `--llm` and `--llm-model`; None where neither is given. Raises InputError for half of them."""
    if not url and not name:
        return None
    if not url:
        raise InputError("--llm-model (HUIYIN_LLM_MODEL) names a model and --llm (HUIYIN_LLM_URL) no address")
    return settings(url, name or "", os.environ.get(API_KEY), seconds=seconds)


def open_large(url: str | None, name: str | None, seconds: float = TIMEOUT_S) -> LargeTagger | None:
    """The large model as a tagger, having said where the words go; None where none is set."""
    given = large_settings(url, name, seconds)
    if given is None:
        return None
    err.print(_warning(given), style="yellow", markup=False, soft_wrap=True)
    cache = FolderAnswerCache(cache_root() / "llm")
    return LargeTagger(HttpLargeModel(given), cache=cache, on_cost=None if err.is_terminal else _log)


def _warning(given: LargeModelSettings) -> str:
    plain = given.address.scheme == "http" and not given.address.is_this_machine
    unsafe = "，连接未加密" if plain else ""
    return f"注意：对话原文会发送到 {given.address}（大模型 {given.name}{unsafe}）。"


def _log(cost: Cost) -> None:
    """One line a conversation, for logs: ids and counts, never words."""
    logger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    logger.msg("large_model", **vars(cost))


def large_json(large: LargeTagger | None) -> dict[str, Any] | None:
    """What it cost and brought, for machines; None where it is off."""
    return None if large is None else {"model": large.name, **large.tally.as_json()}


def tell_large(large: LargeTagger | None) -> None:
    """What it cost and brought, for people; failures stand out."""
    if large is None:
        return
    tally = large.tally
    line = (
        f"大模型 {large.name}：{tally.conversations} 段对话，提问 {tally.questions} 次（已有回答 {tally.cached} 次），"
        f"输入 {tally.tokens_in:,} / 输出 {tally.tokens_out:,} tokens，服务用时 {clock(tally.seconds)}，"
        f"提出 {tally.tags} 个标签"
    )
    if tally.dropped:
        line += f"，不采信 {tally.dropped.total()} 条（{_listed(tally.dropped, DROPS)}）"
    err.print(line, markup=False, soft_wrap=True)
    if tally.withheld_turns:
        err.print(f"{tally.withheld_turns} 句话在对模型下指令，没有发送", style="yellow", markup=False)
    if tally.failed:
        reasons = _listed(tally.failed, FAILURES)
        text = f"{tally.failed_conversations} 段对话没有问到大模型（{reasons}），只用其他方法标注"
        err.print(text, style="yellow", markup=False, soft_wrap=True)


def _listed(counts: Mapping[str, int], labels: Mapping[str, str]) -> str:
    return "、".join(f"{labels[key]} {n}" for key, n in sorted(counts.items(), key=lambda x: (-x[1], x[0])))
