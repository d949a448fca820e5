"""When a summary pays for itself, for people and programs."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction

from ...advice.compaction import Compaction
from ..figures import amount, cited, count, many, ordinal, percent
from ..labels import policy, served
from ..records import Count, OfOneModel, RecordFields, Text, fields, of, of_model, record, rows
from ..reply import Page, Reply
from ..table import Table


class CompactedRecord(RecordFields):
    """One strategy, where the call finds the context in the cache and where it does not."""

    strategy: Text
    call_hits: bool = of("hits")
    call: Decimal
    cache_write: Decimal = of("written")
    turn_before: Decimal = of("before")
    turn_after: Decimal = of("after")
    saved_per_turn: Decimal = of("saved")
    turns: Count | None
    exact_turns: Decimal | None
    savings_ahead: Decimal | None


class CompactionRecord(OfOneModel):
    """When replacing a context by its summary pays."""

    context: Count
    summary: Count
    ahead: Count | None
    strategies: list[CompactedRecord]
    left_out: list[str]
    min_tokens: Count | None = of("minimum")
    sentence: Text


def reply(compaction: Compaction, ahead: int | None = None) -> Reply:
    """The answer in every form; `ahead` asks what so many later turns save."""
    strategies = [
        record(CompactedRecord, each, savings_ahead=None if ahead is None else each.ahead(ahead))
        for each in compaction.strategies
    ]
    sizes, text = {"context": compaction.context, "summary": compaction.summary}, sentence(compaction, ahead)
    return Reply(
        page=lambda: page(compaction, ahead),
        record=lambda: record(CompactionRecord, compaction, ahead=ahead, strategies=strategies, sentence=text),
        rows=lambda: rows(fields(CompactedRecord), strategies, **of_model(compaction), **sizes),
    )


def page(compaction: Compaction, ahead: int | None) -> Page:
    """A row a strategy and kind of call, what cannot be cached or compared, and what is assumed."""
    context, summary, currency = compaction.context, compaction.summary, compaction.sheet.currency
    calls = Counter(each.strategy for each in compaction.strategies)  # one alone has nothing to find
    cells = [
        {
            "strategy": policy(each.strategy),
            "the call": "-" if calls[each.strategy] == 1 else "hits" if each.hits else "misses",
            "costs": amount(each.cost, currency),
            "a turn before": amount(each.before, currency),
            "after": amount(each.after, currency),
            "pays for turns": "never" if each.turns is None else f"{each.turns:,}+",
        }
        | ({} if ahead is None else {f"{many(ahead, 'turn')} save": amount(each.ahead(ahead), currency)})
        for each in compaction.strategies
    ]
    notes = [f"left out: {each}" for each in compaction.left_out]
    if compaction.minimum is not None:
        what, tokens = ("summary", summary) if compaction.cached else ("context", context)
        limit = f"{many(tokens, 'token')}, the minimum is {count(compaction.minimum)}"
        notes.insert(0, f"the {what} is too short to cache: {limit}")
    sources = [
        "Assumed: the call sends the context and answers the summary, which is written once; every later turn hits.",
        "What the turns themselves add costs the same either way; that a summary loses something is not priced.",
        cited(compaction.sheet, compaction.version),
    ]
    table = Table.of(cells, list(cells[0])[2:], spare=("a turn before", "after"))
    share = percent(Fraction(summary, context))
    head = f"{count(context)} tokens replaced by a summary of {count(summary)} ({share})"
    return Page(head, [table], notes, sources, sentence(compaction, ahead))


def sentence(compaction: Compaction, ahead: int | None = None) -> str:
    """`Compacting pays from the 9th later turn on with a 5-min cache, from the 17th where the call misses.`"""
    caching = [each for each in compaction.strategies if each.strategy != "fresh" and compaction.cached]
    cached = caching or list(compaction.strategies)
    first = cached[0]
    miss = next((each for each in cached if each.strategy == first.strategy and not each.hits), None)
    if first.turns is None:
        return f"Compacting never pays {served(first.strategy)}: a turn costs no less after it."
    missed = f", from the {ordinal(miss.turns)} where the call misses" if miss and miss.turns is not None else ""
    text = f"Compacting pays from the {ordinal(first.turns)} later turn on {served(first.strategy)}{missed}"
    if ahead is None:
        return f"{text}."
    later = first.ahead(ahead)
    what = "saved" if later >= 0 else "still to be earned"
    return f"{text}; after {many(ahead, 'turn')} {amount(abs(later), compaction.sheet.currency)} are {what}."
