"""The training loop and what it measures on conversations it has not seen. Needs torch."""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from huiyin.pipeline.train.augment import noisy
from huiyin.pipeline.train.batches import Batch, batch_of, joined
from huiyin.pipeline.train.examples import Example
from huiyin.taggers.learned.encode import Marks
from huiyin.taggers.learned.labels import CHOICES, KINDS, TYPE_OF_CHOICE, TYPE_OF_KIND, TYPES

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How to train. Rates are those of AdamW at their highest; `batch` counts windows."""

    epochs: int = 10
    batch: int = 4
    rate: float = 1.5e-4
    head_rate: float = 2e-3
    decay: float = 0.05
    warmup: float = 0.1
    positive: float = 2.0  # weight of a tag that is there against one that is not
    choice_weight: float = 1.5
    said_weight: float = 0.1
    seed: int = 7
    half: bool = True  # bfloat16 products: 1.7 times as fast on a processor that has them


def pooled(scores: Any, tokens: Any) -> tuple[Any, Any, Any]:
    """Token scores to (kinds [turns, KINDS], choices [turns, CHOICES], log weights [turns, tokens, TYPES])."""
    import torch

    flat = scores.reshape(-1, scores.shape[-1])
    there = tokens >= 0
    rows = flat[tokens.clamp(min=0)]
    said, of_choice, weight = rows.split([len(KINDS), len(CHOICES), len(TYPES)], dim=-1)
    weight = torch.log_softmax(weight.masked_fill(~there[..., None], -1e4), dim=1)
    share = weight.exp()
    kinds = (share[..., list(TYPE_OF_KIND)] * said).sum(1)
    choices = (share[..., list(TYPE_OF_CHOICE)] * of_choice).sum(1)
    return kinds, choices, weight


def loss_of(model: Any, batch: Batch, plan: Plan) -> Any:
    import torch
    from torch.nn import functional as F

    with torch.autocast("cpu", torch.bfloat16, enabled=plan.half):
        scores = model(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask))
    kinds, choices, weight = pooled(scores.float(), torch.from_numpy(batch.tokens))
    wanted, counts = torch.from_numpy(batch.kinds), torch.from_numpy(batch.counts)
    each = F.binary_cross_entropy_with_logits(kinds, wanted, reduction="none", pos_weight=torch.tensor(plan.positive))
    loss = (each * counts).sum() / counts.sum() * len(KINDS)
    shares = torch.from_numpy(batch.choices)
    for number in sorted(set(TYPE_OF_CHOICE)):
        at = [i for i, t in enumerate(TYPE_OF_CHOICE) if t == number]
        there = shares[:, at].sum(1) > 0
        if there.any():
            loss = (
                loss
                + plan.choice_weight
                * F.cross_entropy(choices[there][:, at], shares[there][:, at], reduction="sum", label_smoothing=0.05)
                / len(batch.tokens)
                * 4
            )
    said = torch.from_numpy(batch.said)
    there = said.sum(-1) > 0  # turns, types
    if there.any():
        inside = torch.logsumexp(weight.transpose(1, 2).masked_fill(said == 0, -1e4), dim=-1)
        loss = loss - plan.said_weight * inside[there].sum() / len(batch.tokens) * 4
    return loss


def fit(model: Any, examples: Sequence[Example], tokenizer: Any, marks: Marks, plan: Plan) -> Any:
    """Trains in place and returns the model. The same seed on the same machine trains the same model."""
    import torch

    torch.manual_seed(plan.seed)
    draw = random.Random(plan.seed)
    head = list(model.scores.parameters())
    body = [p for p in model.bert.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": body, "lr": plan.rate}, {"params": head, "lr": plan.head_rate}], weight_decay=plan.decay
    )
    steps = plan.epochs * math.ceil(len(examples) / 2.5 / plan.batch)
    first = max(1, round(plan.warmup * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: (s + 1) / first if s < first else max(0.02, (steps - s) / max(1, steps - first))
    )
    model.train()
    for epoch in range(plan.epochs):
        order = [noisy(e, draw) if epoch else e for e in draw.sample(list(examples), len(examples))]
        groups = list(joined(order, draw))
        groups = _alike(groups, plan.batch, draw)
        total, count = 0.0, 0
        for at in range(0, len(groups), plan.batch):
            loss = loss_of(model, batch_of(groups[at : at + plan.batch], tokenizer, marks), plan)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total, count = total + float(loss.detach()), count + 1
        log.info("epoch %d of %d: loss %.4f", epoch + 1, plan.epochs, total / count)
    return model.eval()


def _alike(groups: Sequence[list[Example]], batch: int, draw: random.Random) -> list[list[Example]]:
    """The groups in batches of like length, which pads least, the batches in a drawn order."""
    ordered = sorted(groups, key=lambda g: sum(len(t.text) + 1 for e in g for t in e.turns) + draw.random() * 40)
    batches = [ordered[at : at + batch] for at in range(0, len(ordered), batch)]
    short = [b for b in batches if len(b) < batch]
    full = [b for b in batches if len(b) == batch]
    draw.shuffle(full)
    return [g for b in [*full, *short] for g in b]


def probabilities(model: Any, example: Example, tokenizer: Any, marks: Marks) -> tuple[Any, Any]:
    """(kinds [turns, KINDS], choices [turns, CHOICES]) of a conversation, as the shipped model computes them."""
    import torch

    with torch.no_grad():
        batch = batch_of([[example]], tokenizer, marks)
        kinds, choices, _ = pooled(
            model(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)), torch.from_numpy(batch.tokens)
        )
        out = torch.zeros_like(choices)
        for number in sorted(set(TYPE_OF_CHOICE)):
            at = [i for i, t in enumerate(TYPE_OF_CHOICE) if t == number]
            out[:, at] = torch.softmax(choices[:, at], dim=-1)
    return kinds.sigmoid().numpy(), np.asarray(out)
