"""A conversation under one strategy: turn by turn, each at its own instant and at the tier of its own prompt."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from . import dialogue, money
from .usage import Batch, Usage

if TYPE_CHECKING:
    from .strategy import Plan


def batches(plan: Plan, turns: int) -> Iterator[Batch]:
    """What so many turns will use: what the turn before left alive is read, what was added is written."""
    work = plan.workload
    prompts = list(dialogue.lengths(work.context, work.question, work.answer, work.tools, turns))
    yield from _stored(plan, prompts) if plan.kind == "stored" else _grown(plan, prompts)


def _grown(plan: Plan, prompts: list[int]) -> Iterator[Batch]:
    work, share = plan.workload, plan.assumptions.hit_share
    alive = plan.pinged or plan.ttl is None or work.gap <= plan.ttl
    for k, (hit, miss) in enumerate(zip(_turns(plan, prompts, alive), _turns(plan, prompts, False), strict=True)):
        at = work.start + work.gap * k
        if hit.read and share != 1:
            yield Batch(miss.usage, money.subtract(Decimal(1), share), at, miss.prompt)
        yield Batch(hit.usage, share if hit.read else 1, at, hit.prompt)
        if plan.pinged and hit.read and plan.pings:
            yield Batch(plan.reading(hit.read), plan.pings, at, hit.prompt)


def _turns(plan: Plan, prompts: list[int], alive: bool) -> Iterator[dialogue.Turn]:
    block = getattr(getattr(plan.card.caching, plan.kind, None), "block", None)
    return dialogue.turns(
        iter(prompts),
        answer=plan.workload.answer,
        kind=plan.kind,
        ttl=plan.written_as.partition(":")[2],
        alive=alive,
        minimum=plan.minimum or 0,
        block=block or 1,
        named=plan.named,
    )


def _stored(plan: Plan, prompts: list[int]) -> Iterator[Batch]:
    """The context alone is stored; what the turns add is sent plain."""
    work, cached = plan.workload, plan.cached
    creates = plan.assumptions.first_query == "creates"
    if cached and plan.creation != "free" and not creates:
        yield Batch(plan.creating(), 1, work.start, cached)
    standing = work.up_to(len(prompts), plan.hold(len(prompts))) if cached else 0
    for k, prompt in enumerate(prompts):
        reads = k < standing and not (creates and k == 0)
        stored = plan.reading(cached, plain=prompt - cached, answer=work.answer)
        usage = stored if reads else Usage(input=prompt, output=work.answer)
        yield Batch(usage, 1, work.start + work.gap * k, prompt)
    if cached:
        yield from plan.rent(len(prompts))
