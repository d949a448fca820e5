"""The lines below the table of a deployment: its bytes and seconds, what vendors ask, and what does not fit."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

from ... import money
from ...catalog.hosted import Shown
from ...selfhosted.architecture import Layers
from ...selfhosted.deployment import GIB, TIERS
from ...selfhosted.summary import Spread, assumed, gigabytes
from ..figures import amount, count
from ..labels import TIERS as LABELS

KB, MB = 10**3, 10**6


def memory(shown: Shown) -> Iterator[str]:
    """Bytes a token and how they come about; weights, pool, and contexts at once."""
    summary, deployment = shown.summary, shown.summary.deployment
    how = " + ".join(filter(None, (_of_a_token(group, deployment.kv) for group in deployment.model.layers)))
    million = gigabytes(deployment.model.kept(10**6, deployment.kv))
    each = count(summary.bytes_per_token)
    yield f"KV {each} bytes a token in {deployment.kv} ({how or 'states alone'}): 1M tokens take {million}"
    if summary.weights is None or summary.pool is None:
        yield "The number of parameters is not known, and so neither are weights, pool and seconds"
        return
    weights = f"Weights {gigabytes(summary.weights)} in {deployment.weights}"
    if summary.pool > 0:
        contexts = count(money.rounded(deployment.contexts(summary.tokens), 2))
        at_once = f"{contexts} contexts of {summary.tokens:,} at once"
        pool = f"pool for caches {gigabytes(summary.pool)}"
        yield f"{weights}, {pool}: {deployment.pool_tokens:,} tokens, {at_once}"
    else:
        yield f"{weights}, which leave no memory for caches"
    parts = f"{gigabytes(summary.bytes)} of caches, {gigabytes(summary.weights)} of weights"
    assert summary.taken is not None
    kept = f"{gigabytes(summary.reserve)} kept by the engine"
    yield f"Memory for {summary.tokens:,} tokens: {gigabytes(summary.taken)} ({parts}, {kept})"


def _of_a_token(group: Layers, kv: str) -> str:
    """`80 layers x 8 heads x (128 + 128) x 2`, `12 sliding layers up to 128 tokens`."""
    layers = f"{group.count} layers" if group.count > 1 else "1 layer"
    if group.attention == "sliding":
        return f"{group.count} sliding layers up to {group.window:,} tokens"
    if group.attention == "full":
        size = count(group.entry_bytes(kv) / group.kv_heads / (group.head_dim + group.value_dim))
        return f"{layers} x {group.kv_heads} heads x ({group.head_dim} + {group.value_dim}) x {size}"
    if group.attention == "latent":
        every = f" / {group.every}" if group.every > 1 else ""
        return f"{layers} x {count(group.entry_bytes(kv))}{every}"
    return f"{group.count} {group.attention} layers"


def seconds(number: Fraction) -> str:
    """`0.11 s`, `3.6 s`, `182 s`: two digits or more, none behind the point from a hundred on."""
    places = 0 if number >= 100 else 1 if number >= 1 else 2
    while number and not money.rounded(number, places):
        places += 1
    return f"{money.rounded(number, places):,f} s".replace(".0 s", " s")


def lines(shown: Shown) -> Iterator[str]:
    """The prompt, what vendors ask, what is published, the other model, and what is assumed."""
    summary, currency = shown.summary, shown.sheet.currency
    if summary.seconds and summary.per_million:
        cost = _spread(summary.per_million, lambda each: amount(money.rounded(each, 2), currency))
        yield f"Prefill of {summary.tokens:,} tokens: {_spread(summary.seconds, seconds)}; {cost} per 1M tokens"
    yield from _beside_vendors(shown)
    if other := against(shown):
        factors = {"memory": other.memory, "prefill": other.seconds}
        texts = [f"{count(money.rounded(value, 2))} times the {what}" for what, value in factors.items() if value]
        yield f"{other.model} takes {' and '.join(texts)} at {summary.tokens:,} tokens"
    for each in shown.page.words.published:
        yield f"Published: {each.says} ({', '.join(each.source)}, seen {each.seen})"
    for place, readings in shown.page.words.disputed.items():
        for reading in readings:
            yield f"Disputed: {place} is {reading.value} at {reading.source} (seen {reading.seen})"
    if shown.page.words.note:
        yield " ".join(shown.page.words.note.split())
    yield f"Assumed: {'; '.join(assumed(summary.deployment))}."


def _spread(figures: Spread, shown: Callable[[Fraction], str]) -> str:
    best, middle, worst = (None if each is None else shown(each) for each in figures)
    return f"{middle}" if best == worst else f"{middle} ({best} to {worst})"


def _beside_vendors(shown: Shown) -> Iterator[str]:
    """What the dearest rent of a vendor would pay for in each tier: bytes a token."""
    if not shown.vendors:
        return
    low, high = shown.vendors[0], shown.vendors[-1]
    currency = shown.sheet.currency
    ask = f"{amount(high.rent, currency)} per 1M tokens and hour ({high.sheet.name})"
    if low.rent != high.rent:
        ask = f"{amount(low.rent, currency)} ({low.sheet.name}) to {ask}"
    rented = [tier for tier in shown.summary.tiers if tier.rent and tier.tier != TIERS[-1]]
    parts = [f"{_bytes(Fraction(high.rent) / tier.rent * KB)} a token in this {LABELS[tier.tier]}" for tier in rented]
    yield f"Vendors ask {ask}; {amount(high.rent, currency)} would rent {', '.join(parts)}"


def _bytes(number: Fraction) -> str:
    unit, name = (MB, "MB") if number >= MB else (KB, "KB")
    return f"{count(money.rounded(number / unit, 2 if number >= MB else 1))} {name}"


class Other(NamedTuple):
    """How many times the memory and the prompt's seconds another model takes; None where one is not known."""

    model: str
    memory: Fraction | None
    seconds: Fraction | None


def against(shown: Shown) -> Other | None:
    other, own = shown.against, shown.summary
    if other is None:
        return None
    memory = other.taken / own.taken if other.taken and own.taken else None
    timed = other.seconds and own.seconds and other.seconds.middle and own.seconds.middle
    middle = other.seconds.middle / own.seconds.middle if timed else None  # type: ignore[union-attr,operator]
    return Other(other.deployment.model.model, memory, middle)


def notes(shown: Shown) -> Iterator[str]:
    """What does not fit: a context larger than the model takes, than the cards, or than the pool."""
    summary, deployment = shown.summary, shown.summary.deployment
    most = shown.page.words.limits.context
    if most and summary.tokens > most:
        yield f"{deployment.model.model} takes at most {most:,} tokens"
    memory = deployment.gpus * deployment.machine.gpu.memory
    if summary.weights is not None and summary.bytes > memory:
        label = deployment.machine.gpu.label
        cards = f"{deployment.gpus} {label} hold" if deployment.gpus > 1 else f"one {label} holds"
        gib = f"{float(summary.bytes / GIB):,.1f} GiB"
        has = f"{float(memory / GIB):,.2f} GiB"
        yield (
            f"{summary.tokens:,} tokens take {gigabytes(summary.bytes)} in {deployment.kv} ({gib}): more than {cards} "
            f"at all ({has}), before {gigabytes(summary.weights)} of weights"
        )
    if summary.misfit:
        yield summary.misfit


def sources(shown: Shown) -> list[str]:
    words = shown.page.words
    card = next(card for card in shown.sheet.cards if shown.sheet.version(card) == shown.version)
    return [
        f"Model: {', '.join(words.source)} (seen {words.seen})",
        f"Rent: {shown.version}, {', '.join(card.sources)} (seen {card.seen})",
    ]
