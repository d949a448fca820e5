"""A deployment for people and programs: bytes a token, pool, the rent of each tier, how long keeping a context pays;
below them what vendors ask, and what does not fit."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ... import money
from ...catalog.hosted import Shown
from ...selfhosted.architecture import Layers
from ...selfhosted.deployment import GB, GIB, TIERS, Deployment
from ...selfhosted.summary import Spread, TierSummary, assumed, gigabytes
from ..figures import amount, count, duration
from ..labels import TIERS as LABELS
from ..records import Answered, Count, Currency, ModelId, RecordFields, Text, Version, of, record, records, rows
from ..reply import Page, Reply
from ..table import Table

COLUMNS = "tier size_gb rent_per_gb_hour rent_per_1m_tokens_hour load_seconds pays_up_to_hours.middle"
KB, MB = 10**3, 10**6
FIGURES = ("size", "per GB-hour", "per 1M tokens and hour", "load", "pays up to a gap of")


class SpreadRecord(RecordFields):
    """A figure at the best, the middle and the worst speed; null where it is not known or has no end."""

    best: Decimal | None
    middle: Decimal | None
    worst: Decimal | None


class TierRecord(RecordFields):
    """A tier of memory, its rent, and the gap between two queries up to which keeping the context pays."""

    tier: Text
    size_gb: Decimal = of("size")
    rent_per_gb_hour: Decimal = of("rent")
    rent_per_1m_tokens_hour: Decimal = of("per_million_tokens")
    load_seconds: Decimal = of("load")
    pays_up_to_hours: SpreadRecord = of("pays_up_to")


class PublishedRecord(RecordFields):
    """What its maker or a paper says."""

    says: Text
    source: list[str]
    seen: date


class VendorRecord(RecordFields):
    """What a vendor asks for 1M tokens and hour."""

    model: ModelId = of("sheet.id")
    rent_per_1m_tokens_hour: Decimal = of("rent")


class AgainstRecord(RecordFields):
    """Another model on the same machine: how many times the memory and the prompt's seconds it takes."""

    model: Text
    memory: Decimal | None
    seconds: Decimal | None


class DeploymentRecord(Answered):
    """A model on a machine: bytes, seconds, money."""

    model: ModelId = of("sheet.id")
    name: Text = of("sheet.name")
    version: Version
    checked: date = of("sheet.checked")
    currency: Currency = of("sheet.currency")
    per_hour: Decimal = of("summary.per_hour")
    gpus: Count = of("summary.deployment.gpus")
    kv: Text = of("summary.deployment.kv")
    weights: Text = of("summary.deployment.weights")
    context: Count = of("summary.tokens")
    bytes_per_token: Decimal = of("summary.bytes_per_token")
    context_bytes: Decimal = of("summary.bytes")
    weight_bytes: Decimal | None = of("summary.weights")
    pool_bytes: Decimal | None = of("summary.pool")
    memory_bytes: Decimal | None = of("summary.taken")
    prefill_seconds: SpreadRecord | None = of("summary.seconds")
    prefill_per_1m_tokens: SpreadRecord | None = of("summary.per_million")
    misfit: str = of("summary.misfit")
    tiers: list[TierRecord] = of("summary.tiers")
    vendors: list[VendorRecord]
    published: list[PublishedRecord] = of("page.words.published")
    against: AgainstRecord | None = of(lambda shown: against(shown))
    sources: list[str] = of(lambda shown: sources(shown))


class ListedRecord(RecordFields):
    """A model on the whole of a machine. `pool_tokens`: tokens of caches that it holds beside the weights, null where
    these do not fit or are not known."""

    model: ModelId = of("id")
    gpu: Text = of("machine.gpu.label")
    gpus: Count
    currency: Currency = of("machine.currency")
    per_hour: Decimal = of(lambda each: each.machine.rents[-1].per_hour)
    kv: Text
    pool_tokens: Count | None = of(lambda each: each.pool_tokens if "hbm" in each.tiers else None)


class ListedRecords(Answered):
    """Every deployment that can be asked about by its name."""

    deployments: list[ListedRecord] = of(list)


def list_reply(deployments: Sequence[Deployment]) -> Reply:
    listed = [
        {
            "deployment": each.id,
            "cards": f"{each.gpus} x {each.machine.gpu.label}",
            "per hour": amount(each.machine.rents[-1].per_hour, each.machine.currency),
            "tokens of caches": f"{each.pool_tokens:,}" if "hbm" in each.tiers else "-",
        }
        for each in deployments
    ]
    figures, columns = ("per hour", "tokens of caches"), "model gpus gpu per_hour pool_tokens"
    tables = [Table.of(listed, figures, spare=("cards",))] if listed else []
    lacking = [] if listed else ["no page of a self-hosted model and of a machine with a rent then in this folder"]
    return Reply(
        page=lambda: Page("", tables, lacking, airy=False),
        record=lambda: record(ListedRecords, deployments),
        rows=lambda: rows(columns, records(ListedRecord, deployments)),
    )


def reply(shown: Shown) -> Reply:
    deployment, sheet = shown.summary.deployment, shown.sheet
    cards = f"{deployment.gpus} x {deployment.machine.gpu.label} ({deployment.place(deployment.gpus)})"
    rent = amount(shown.summary.per_hour, sheet.currency)
    return Reply(
        page=lambda: Page(
            f"{shown.page.words.name} on {cards}, {rent} an hour, checked {sheet.checked}",
            [table(shown)],
            list(notes(shown)),
            [*lines(shown), *sources(shown)],
            about=list(memory(shown)),
        ),
        record=lambda: record(DeploymentRecord, shown),
        rows=lambda: rows(COLUMNS, records(TierRecord, shown.summary.tiers)),
    )


def table(shown: Shown) -> Table:
    currency = shown.sheet.currency
    tiers = [
        {
            "tier": LABELS[tier.tier],
            "size": gigabytes(tier.size * GB),
            "per GB-hour": amount(_short(tier.rent), currency),
            "per 1M tokens and hour": amount(_short(tier.per_million_tokens), currency),
            "load": seconds(tier.load) if tier.load else "-",
            "pays up to a gap of": _gap(tier) if shown.summary.seconds else "not known",
        }
        for tier in shown.summary.tiers
    ]
    return Table.of(tiers, FIGURES) if tiers else Table(["tier"], [])


def _short(value: Fraction) -> Fraction:
    """Four significant digits: what is worked out has no more to say."""
    places = 2
    while value and abs(value) * 10**places < 1_000:
        places += 1
    return Fraction(money.rounded(value, places))


def _gap(tier: TierSummary) -> str:
    """`1 h 3 min (50 min to 1 h 37 min)`: at the middle speed, and at the best and the worst."""
    best, middle, worst = tier.pays_up_to
    if not tier.rent:
        return "any"
    if middle is None:
        return "never"
    ends = f" ({hours(best)} to {hours(worst)})" if best is not None and worst is not None and best != worst else ""
    return hours(middle) + ends


def hours(number: Fraction) -> str:
    """`2 min 5 s`, `1 h 3 min`, `21 h`: the two largest units, one from ten hours on."""
    unit = 3600 if number >= 10 else 60 if number >= 1 else 1
    return duration(timedelta(seconds=round(number * 3600 / unit) * unit))


def memory(shown: Shown) -> Iterator[str]:
    """Bytes a token and how they come about; weights, pool, and contexts at once."""
    summary, deployment = shown.summary, shown.summary.deployment
    how = " + ".join(filter(None, (_of_a_token(group, deployment.kv) for group in deployment.model.layers)))
    million = gigabytes(deployment.model.cache_bytes(10**6, deployment.kv))
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
    if shown.vendors:
        low, high = shown.vendors[0], shown.vendors[-1]
        ask = f"{amount(high.rent, currency)} per 1M tokens and hour ({high.sheet.name})"
        if low.rent != high.rent:
            ask = f"{amount(low.rent, currency)} ({low.sheet.name}) to {ask}"
        rented = {LABELS[tier.tier]: tier.rent for tier in summary.tiers if tier.rent and tier.tier != TIERS[-1]}
        parts = [f"{_bytes(Fraction(high.rent) / rent * KB)} a token in this {tier}" for tier, rent in rented.items()]
        yield f"Vendors ask {ask}; {amount(high.rent, currency)} would rent {', '.join(parts)}"
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
