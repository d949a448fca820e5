"""A conversation under one strategy: turn by turn, each at its own instant and at the tier of its own prompt."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat
from typing import TYPE_CHECKING

from . import dialogue, money
from . import stored as storage
from .errors import BadWorkload
from .usage import Batch, Usage

if TYPE_CHECKING:
    from .shares import Later
    from .strategy import Plan


def batches(plan: Plan, turns: int) -> Iterator[Batch]:
    """What so many turns will use: what the turn before left alive is read, what was added is written."""
    work = plan.workload
    prompts = list(dialogue.lengths(work.context, work.question, work.answer, work.tools, turns))
    yield from _stored(plan, prompts) if plan.kind == "stored" else chain.from_iterable(_grown(plan, prompts))


def turn_by_turn(plan: Plan, turns: int) -> Iterator[list[Batch]]:
    """What each of so many turns uses, where no cache is rented: turn n is the same in a longer conversation."""
    work = plan.workload
    return _grown(plan, list(dialogue.lengths(work.context, work.question, work.answer, work.tools, turns)))


def _grown(plan: Plan, prompts: list[int]) -> Iterator[list[Batch]]:
    work, later = plan.workload, _later(plan)
    share = money.by(plan.assumptions.hit_share, money.settled(1 - later.lost)) if later.late != 1 else 0
    pinged = later.ping_reads or later.ping_writes
    hits = _turns(plan, prompts, True) if share or pinged else repeat(None)
    misses = _turns(plan, prompts, False) if share != 1 else repeat(None)
    for k, (prompt, hit, miss) in enumerate(zip(prompts, hits, misses, strict=False)):
        at = work.start + work.gap * k
        found = []
        if miss and not (share and hit and hit.read):
            found.append(Batch(miss.usage, 1, at, prompt))
        elif miss:
            found.append(Batch(miss.usage, money.rest(share), at, prompt))
        if hit and share and (hit.read or not miss):
            found.append(Batch(hit.usage, share, at, prompt))
        if hit and hit.read and later.ping_reads:
            found.append(Batch(plan.reading(hit.read), later.ping_reads, at, prompt))
        if hit and hit.read and later.ping_writes:
            found.append(Batch(plan.rewriting(hit.read), later.ping_writes, at, prompt))
        yield found


def _later(plan: Plan) -> Later:
    """What a turn does after the first; every pause of a conversation is alike."""
    if plan.seen_twice:
        raise BadWorkload("strategy: a conversation is never seen twice, since it grows; name written instead")
    return plan.later(2)


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
    if plan.idle is not None:
        raise BadWorkload("strategy: an idle time-out is not reckoned for a conversation; name stored, with a hold")
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
        yield from storage.rent(plan, len(prompts))
