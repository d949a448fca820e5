"""A deployment for people and programs: bytes a token, pool, the rent of each tier, and how long keeping a context
pays."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from ... import money
from ...catalog.hosted import Shown
from ...selfhosted.deployment import GB, Deployment
from ...selfhosted.summary import TierSummary, gigabytes
from ..figures import amount, duration
from ..labels import TIERS as LABELS
from ..records import Answered, Count, Currency, Fields, ModelId, Text, Version, of, record, records, rows
from ..reply import Page, Reply
from ..table import Table
from . import deployment_lines

COLUMNS = "tier size_gb rent_per_gb_hour rent_per_1m_tokens_hour load_seconds pays_up_to_hours.middle"
FIGURES = ("size", "per GB-hour", "per 1M tokens and hour", "load", "pays up to a gap of")


class SpreadRecord(Fields):
    """A figure at the best, the middle and the worst speed; null where it is not known or has no end."""

    best: Decimal | None
    middle: Decimal | None
    worst: Decimal | None


class TierRecord(Fields):
    """A tier of memory, its rent, and the gap between two queries up to which keeping the context pays."""

    tier: Text
    size_gb: Decimal = of("size")
    rent_per_gb_hour: Decimal = of("rent")
    rent_per_1m_tokens_hour: Decimal = of("per_million_tokens")
    load_seconds: Decimal = of("load")
    pays_up_to_hours: SpreadRecord = of("pays_up_to")


class PublishedRecord(Fields):
    """What its maker or a paper says."""

    says: Text
    source: list[str]
    seen: date


class VendorRecord(Fields):
    """What a vendor asks for 1M tokens and hour."""

    model: ModelId = of("sheet.id")
    rent_per_1m_tokens_hour: Decimal = of("rent")


class AgainstRecord(Fields):
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
    against: AgainstRecord | None = of(lambda shown: deployment_lines.against(shown))
    sources: list[str] = of(lambda shown: deployment_lines.sources(shown))


class ListedRecord(Fields):
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
    columns = "model gpus gpu per_hour pool_tokens"
    return Reply(
        page=lambda: Page("", [_listed(deployments)], airy=False),
        record=lambda: record(ListedRecords, deployments),
        rows=lambda: rows(columns, records(ListedRecord, deployments)),
    )


def _listed(deployments: Sequence[Deployment]) -> Table:
    lines = [
        {
            "deployment": each.id,
            "cards": f"{each.gpus} x {each.machine.gpu.label}",
            "per hour": amount(each.machine.rents[-1].per_hour, each.machine.currency),
            "tokens of caches": f"{each.pool_tokens:,}" if "hbm" in each.tiers else "-",
        }
        for each in deployments
    ]
    return Table.of(lines, ("per hour", "tokens of caches"), spare=("cards",))


def reply(shown: Shown) -> Reply:
    return Reply(
        page=lambda: Page(
            _head(shown),
            [table(shown)],
            list(deployment_lines.notes(shown)),
            [*deployment_lines.lines(shown), *deployment_lines.sources(shown)],
            about=list(deployment_lines.memory(shown)),
        ),
        record=lambda: record(DeploymentRecord, shown),
        rows=lambda: rows(COLUMNS, records(TierRecord, shown.summary.tiers)),
    )


def _head(shown: Shown) -> str:
    deployment, sheet = shown.summary.deployment, shown.sheet
    cards = f"{deployment.gpus} x {deployment.machine.gpu.label} ({deployment.place(deployment.gpus)})"
    rent = amount(shown.summary.per_hour, sheet.currency)
    return f"{shown.page.words.name} on {cards}, {rent} an hour, checked {sheet.checked}"


def table(shown: Shown) -> Table:
    currency, lines = shown.sheet.currency, []
    for tier in shown.summary.tiers:
        lines.append(
            {
                "tier": LABELS[tier.tier],
                "size": gigabytes(tier.size * GB),
                "per GB-hour": amount(_short(tier.rent), currency),
                "per 1M tokens and hour": amount(_short(tier.per_million_tokens), currency),
                "load": deployment_lines.seconds(tier.load) if tier.load else "-",
                "pays up to a gap of": _gap(tier) if shown.summary.seconds else "not known",
            }
        )
    return Table.of(lines, FIGURES) if lines else Table(["tier"], [])


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
