"""A conversation under one strategy: turn by turn, each at its own instant and at the tier of its own prompt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, pairwise, repeat
from typing import TYPE_CHECKING

from .. import money
from ..errors import BadWorkload
from ..prices.usage import Batch, Usage
from . import dialogue
from . import stored as storage
from .expected import number, pings
from .names import WRITTEN

if TYPE_CHECKING:
    from .hits import Later
    from .plan import Plan, Terms


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
    moments = [work.start + work.at(k, len(prompts)) for k in range(len(prompts))]
    sizes = [plan.sized(prompt, at) for prompt, at in zip(prompts, moments, strict=True)]
    hits = _turns(plan, prompts, sizes, True) if share else repeat(None)
    misses = _turns(plan, prompts, sizes, False) if share != 1 else repeat(None)
    for k, (prompt, at, hit, miss) in enumerate(zip(prompts, moments, hits, misses, strict=False)):
        found = []
        if miss and not (share and hit and hit.read):
            found.append(Batch(miss.usage, 1, at, prompt))
        elif miss:
            found.append(Batch(miss.usage, money.rest(share), at, prompt))
        if hit and share and (hit.read or not miss):
            found.append(Batch(hit.usage, share, at, prompt))
        if k and sizes[k - 1].cached:
            found += _pinged(plan, len(prompts), moments[k - 1], at, sizes[k - 1].cached)
        yield found


def _pinged(plan: Plan, turns: int, before: datetime, after: datetime, tokens: int) -> Iterator[Batch]:
    """The pings between two turns, which keep what the first turn cached, each at the rates of its instant."""
    sent, dropped = pings(plan, turns)
    if not (plan.pinged and sent(after) - sent(before)):
        return
    edges = [at for at in plan.stretches.starts(after - plan.workload.start) if before < at < after]
    for begin, end in pairwise([before, *edges, after]):
        if count := sent(end) - sent(begin):
            sized = plan.sized(tokens, begin)
            for usage, share in ((sized.reading(tokens), 1 - dropped), (sized.reading(0, written=tokens), dropped)):
                if share:
                    yield Batch(usage, number(count * share), begin, tokens)


def _later(plan: Plan) -> Later:
    """What a turn does after the first; every pause of a conversation is alike."""
    if plan.seen_twice:
        raise BadWorkload("a conversation is never seen twice, since it grows; name written instead", word="strategy")
    return plan.later(2)


def _turns(plan: Plan, prompts: list[int], sizes: list[Terms], alive: bool) -> Iterator[dialogue.Turn]:
    return dialogue.turns(
        zip(prompts, sizes, strict=True),
        answer=plan.workload.answer,
        written=plan.kind == WRITTEN,
        alive=alive,
    )


def _stored(plan: Plan, prompts: list[int]) -> Iterator[Batch]:
    """The context alone is stored; what the turns add is sent plain."""
    work, cached = plan.workload, plan.cached
    if plan.idle is not None:
        raise BadWorkload(
            "an idle time-out is not reckoned for a conversation; name stored, with a hold", word="strategy"
        )
    creates = plan.assumptions.first_query == "creates"
    if cached and plan.creation != "free" and not creates:
        yield Batch(plan.creating(), 1, work.start, cached)
    standing = work.up_to(len(prompts), plan.hold(len(prompts))) if cached else 0
    for k, prompt in enumerate(prompts):
        reads = k < standing and not (creates and k == 0)
        at = work.start + work.at(k, len(prompts))
        stored = plan.sized(prompt, at).reading(cached, plain=prompt - cached, answer=work.answer)
        yield Batch(stored if reads else Usage(input=prompt, output=work.answer), 1, at, prompt)
    if cached:
        yield from storage.rent(plan, len(prompts))
