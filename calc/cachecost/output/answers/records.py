"""The fields of every answer to a question, as JSON, CSV and the schema of the API have them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from ...bills.measures import open_range
from ..records import (
    Answered,
    CardStatus,
    Count,
    Currency,
    Fields,
    ModelId,
    OfOneModel,
    Point,
    Status,
    Text,
    Version,
    of,
)


class WorkloadRecord(Fields):
    """What was asked, without the model."""

    context: Count
    question: Count
    answer: Count
    queries: Count
    every: timedelta | None
    over: timedelta | None
    rate_per_hour: Fraction | None = of(lambda work: work.office.rate if work.office else work.rate)
    arrivals: Literal["even", "poisson", "random", "given"] = of(
        lambda work: "given" if work.times and not work.office else work.arrivals
    )
    turns: Count | None = of(lambda work: work.queries if work.grows else None)
    tools: Count
    office: str | None = of(lambda work: work.office and work.office.text)
    start: datetime


class EvictionRecord(Fields):
    """`steps`: idle time -> share of the entries lost that were idle for longer."""

    name: str
    steps: dict[timedelta, Fraction] = of(lambda eviction: dict(eviction.steps))
    source: str | None = of(lambda eviction: eviction.source or None)
    seen: date | None


class AssumptionsRecord(Fields):
    """What the vendor leaves open; null takes what the rate card in force says."""

    hit_share: Fraction
    hold: timedelta | None
    creation: str | None
    first_query: Literal["reads", "creates"]
    billed_per: Literal["second", "minute", "hour"] | None
    service: str
    region: str | None
    generation: timedelta
    pings: Count | None
    eviction: EvictionRecord | None


class LineRecord(Fields):
    """A line of a bill; `rate` is per 1M of `unit`, for requests per one."""

    name: Text
    quantity: Count | Decimal = of(lambda line: int(line.quantity) if line.quantity % 1 == 0 else line.quantity)
    unit: Text
    rate: Decimal
    amount: Decimal


class QuoteRecord(Fields):
    """The price of one request."""

    total: Decimal
    currency: Currency
    version: Version
    status: Text
    free: bool
    lines: list[LineRecord]
    warnings: list[str]


class BreakEvenRecord(Fields):
    """The numbers of queries at which caching pays: `intervals` of first and last, null without end."""

    first: Count | None
    intervals: list[tuple[int, int | None]]
    stable_from: Count | None
    horizon: Count | None


class LivesRecord(Fields):
    """The totals at the shortest and at the longest life of automatic entries."""

    least: timedelta
    most: timedelta
    total_at_least: Decimal = of("at_least")
    total_at_most: Decimal = of("at_most")


class ReadingRecord(Fields):
    """What another source says of a disputed term."""

    value: str = of(0)
    source: str = of(1)


class DisputeRecord(Fields):
    """A term on which sources contradict each other: what is taken here, and the others with who says so."""

    term: Text = of("name")
    taken: str
    others: list[ReadingRecord]


class LeftOutRecord(Fields):
    """A model without an answer, and why."""

    model: ModelId
    kind: Text
    why: Text


class SafeRecord(Fields):
    """The cheapest strategy whose bill stays the same; `up_to` null whatever the pause."""

    strategy: Text
    total: Decimal
    up_to: timedelta | None


class SpacingRecord(Fields):
    """The bill on the other side of a time to live; `text` says it to people."""

    ttl: timedelta
    gap: timedelta | None
    total: Decimal
    safe: SafeRecord | None
    text: Text


class BandRecord(Fields):
    """The bill if every later query in time finds its entry, and if none does."""

    low: Decimal = of(0)
    high: Decimal = of(1)


class RangeRecord(Fields):
    """The lowest and the highest bill by the readings of disputed terms."""

    low: Decimal
    high: Decimal
    disputed: list[DisputeRecord] = of("disputes")


def _open(end: int) -> Any:
    """The lowest or the highest total that a bill may have; the total itself where nothing is left open."""
    return of(lambda bill: open_range(bill.total, bill.lives, bill.counted)[end])


class AnswerRecord(Fields):
    """One model under one strategy."""

    model: ModelId
    version: Version
    checked: date = of("sheet.checked")
    strategy: Text
    status: Literal["ok", "refused", "withdrawn", "too_short"]
    free: bool
    currency: Currency = of("sheet.currency")
    total: Decimal
    per_query: Decimal
    savings: Decimal
    savings_ratio: Decimal | None
    savings_bound: Decimal | None
    lines: list[LineRecord]
    break_even: BreakEvenRecord | None
    break_even_rate_per_hour: Decimal | None
    break_even_hit_share: Decimal | None
    band: BandRecord | None
    lifetime: LivesRecord | None = of("lives")
    range: RangeRecord | None
    spacing: SpacingRecord | None
    total_low: Decimal = _open(0)
    total_high: Decimal = _open(1)
    hold: timedelta | None
    expected: str | None
    warnings: list[str]


class BestRecord(Fields):
    """The cheapest of the answers."""

    model: ModelId
    version: Version
    strategy: Text
    total: Decimal
    currency: Currency = of("sheet.currency")
    free: bool


class ComparisonRecord(Answered):
    """Every strategy of one or more models, cheapest first; `counted` says how a document was counted."""

    workload: WorkloadRecord
    assumptions: AssumptionsRecord
    answers: Annotated[list[AnswerRecord], ("minItems", 1)]
    best: BestRecord | None = of(lambda comparison: comparison.best if comparison.served else None)
    left_out: list[str]
    sentence: Text
    counted: str | None


class RankedRecord(Fields):
    """A strategy and its bill."""

    strategy: Text
    total: Decimal
    total_low: Decimal = _open(0)
    total_high: Decimal = _open(1)
    spacing: SpacingRecord | None
    break_even: BreakEvenRecord | None


class ThresholdRecord(Fields):
    """The nearest value of an axis at which another strategy wins."""

    axis: Text
    direction: Literal["above", "below"] = of(lambda each: "above" if each.rises else "below")
    value: Point
    winner: Text


class LookedRecord(Fields):
    """Between which values of an axis other winners were looked for; null without end."""

    axis: Text
    from_: Point = of("low")
    to: Point | None = of("high")


class PriceChangeRecord(Fields):
    """Another rate card that applies soon, and what wins then."""

    version: Version
    status: CardStatus = of("card.status")
    days_after: int | None
    then: str | None
    total: Decimal | None


class LongerRecord(Fields):
    """Above which pace the next longer time to live is the cheaper."""

    strategy: Text = of(0)
    rate_per_hour: Decimal = of(1)


class RuleRecord(Fields):
    """When a strategy pays, whatever the workload; `text` says it to people."""

    strategy: Text
    hit_share: Decimal | None
    rate_per_hour: Decimal | None = of("rate")
    gap: timedelta | None
    longer: LongerRecord | None
    pinged_up_to: timedelta | None
    minimum: Count | None
    never_dearer: bool
    text: Text


class AdviceRecord(Answered):
    """The strategies of one model, and what would turn their order."""

    model: ModelId = of("sheet.id")
    version: Version
    checked: date = of("sheet.checked")
    currency: Currency = of("sheet.currency")
    workload: WorkloadRecord
    assumptions: AssumptionsRecord
    status: Status
    best: str | None = of(lambda advice: None if advice.refusal else advice.best.strategy)
    runner_up: str | None = of(
        lambda advice: advice.runner_up.strategy if advice.runner_up and not advice.refusal else None
    )
    lead: Decimal | None = of(lambda advice: None if advice.refusal else advice.lead)
    strategies: list[RankedRecord]
    thresholds: list[ThresholdRecord]
    looked: list[LookedRecord]
    price_changes: list[PriceChangeRecord]
    expected: str | None
    rules: list[RuleRecord]
    lifetime: LivesRecord | None = of("lives")
    warnings: list[str]
    left_out: list[str]
    sentence: Text
    counted: str | None


class SurveyWorkload(WorkloadRecord):
    """What was asked of every model; a document has another length on each."""

    omits = frozenset({"context"})


class StrategyRecord(Fields):
    """A strategy of a model and its bill."""

    strategy: Text = of(0)
    total: Decimal = of(1)
    total_low: Decimal = of(2)
    total_high: Decimal = of(3)


class BestOfModelRecord(Fields):
    """A model by its best strategy, beside its bill without a cache; `strategies` has all, cheapest first."""

    model: ModelId = of("sheet.id")
    version: Version
    context: Count = of("workload.context")
    strategy: Text
    status: Literal["ok"] = of(lambda _: "ok")
    free: bool
    warnings: list[str] = of(lambda best: [best.card.caution] if best.card.caution else [])
    currency: Currency = of("sheet.currency")
    total: Decimal
    fresh: Decimal
    total_low: Decimal = of(lambda best: best.ranges[0][0])
    total_high: Decimal = of(lambda best: best.ranges[0][1])
    strategies: list[StrategyRecord] = of(
        lambda best: [(*total, *ends) for total, ends in zip(best.totals, best.ranges, strict=True)]
    )


class SurveyRecord(Answered):
    """Many models side by side, cheapest first."""

    workload: SurveyWorkload = of(lambda survey: survey.found[0].workload)
    currency: Currency
    models: list[BestOfModelRecord] = of("found")
    left_out: list[LeftOutRecord]
    sentence: Text


class HistoryWorkload(WorkloadRecord):
    """What was asked of every rate card."""

    omits = frozenset({"context", "start"})


class EraRecord(Fields):
    """A rate card and what the workload costs under it; `kept`: the cache that costs money to keep."""

    version: Version
    status: CardStatus | Literal["refused"]
    strategy: str | None
    currency: Currency = of("sheet.currency")
    total: Decimal | None
    total_low: Decimal | None = of(lambda era: era.ends and era.ends[0])
    total_high: Decimal | None = of(lambda era: era.ends and era.ends[1])
    fresh: Decimal | None
    kept: str | None
    first: Count | None = of(lambda era: era.break_even and era.break_even.first)
    stable_from: Count | None = of(lambda era: era.break_even and era.break_even.stable_from)
    rate_per_hour: Decimal | None = of("rate")
    discount: Decimal | None
    warnings: list[str]


class HistoryRecord(Answered):
    """What a workload cost under every rate card, oldest first."""

    workload: HistoryWorkload
    rate_cards: list[EraRecord]
    left_out: list[LeftOutRecord]
    sentence: Text


class RentRecord(Fields):
    """What a cache of a model costs that is never deleted."""

    model: ModelId = of("sheet.id")
    version: Version
    currency: Currency = of("sheet.currency")
    tokens: Count
    hour: Decimal
    day: Decimal
    days_30: Decimal = of("month")


class ForgottenRecord(Answered):
    """Rents of many models, dearest first."""

    forgotten: list[RentRecord]
    left_out: list[LeftOutRecord]
    sentence: Text


class CurveWorkload(WorkloadRecord):
    """What was asked, but for the numbers of queries."""

    omits = frozenset({"queries"})


class CurveLifetimeRecord(Fields):
    """The lives that a vendor names for automatic entries, and the totals between which they leave the bill."""

    least: timedelta
    most: timedelta
    totals_low: list[Decimal | None]
    totals_high: list[Decimal | None]


class CurveLineRecord(Fields):
    """A strategy: its bill for each number of queries, null where the vendor would refuse them."""

    strategy: Text
    status: Literal["ok", "too_short"] = of(lambda line: "too_short" if line.minimum else "ok")
    totals: list[Decimal | None]
    lifetime: CurveLifetimeRecord | None
    totals_low: list[Decimal | None]
    totals_high: list[Decimal | None]
    total_low: Decimal
    total_high: Decimal
    spacing: SpacingRecord | None
    break_even: BreakEvenRecord | None
    warnings: list[str]


class CurveRecord(OfOneModel):
    """`lines[i].totals[k]` is the bill for `queries[k]` queries; `total_low` and `total_high` are of the largest number
    that is served."""

    workload: CurveWorkload
    queries: list[Count] = of("points")
    statuses: list[Status]
    lines: list[CurveLineRecord]


class AxisRecord(Fields):
    """A word of the question that was varied, and its values."""

    name: str
    values: list[Point]


class CellRangeRecord(Fields):
    """The totals between which the life of automatic entries leaves the bill."""

    strategy: str = of(0)
    low: Decimal = of(1)
    high: Decimal = of(2)


class CellRecord(Fields):
    """A point of a sweep, after its values: `totals` by strategy, null where not sold."""

    totals: dict[str, Decimal]
    range: CellRangeRecord | None
    fresh: Decimal | None
    status: str
    warnings: list[str]
    cheapest: str | None
    total: Decimal | None
    savings_ratio: Decimal | None


class GridRecord(OfOneModel):
    """`cells` in the order of the axes, the last one fastest."""

    workload: WorkloadRecord
    assumptions: AssumptionsRecord
    axes: list[AxisRecord]
    strategies: list[str]
    cells: list[CellRecord]
    left_out: list[str]


class FannedRecord(Fields):
    """One strategy: the bills of all at once, of one before the others, and without a cache."""

    strategy: Text
    all_at_once: Decimal = of("together")
    one_first: Decimal = of("seeded")
    fresh: Decimal
    saved_by_one_first: Decimal = of("saved")
    at_once_pays_after: Count | None = of("pays_after")


class FanoutRecord(OfOneModel):
    """Parallel first requests over one new context, and `then` later ones."""

    context: Count = of("workload.context")
    question: Count = of("workload.question")
    answer: Count = of("workload.answer")
    requests: Count
    then: Count = of("later")
    fresh: Decimal
    strategies: list[FannedRecord] = of("found")
    sentence: Text


class CompactedRecord(Fields):
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
    sentence: Text


class TtlRecord(Fields):
    """A time to live, and the share of later queries that has to find a prefix for caching it to pay."""

    ttl: str
    least_hit_share: Decimal = of("least")


class PartRecord(Fields):
    """A part of the prompt; `hit_shares`: TTL -> share of later queries that find the prefix up to its end."""

    name: str
    tokens: Count
    changes: Literal["each", "never", "at random"] = of(
        lambda piece: "each" if piece.changes is None else "at random" if piece.changes else "never"
    )
    changes_per_hour: Decimal | None = of("changes")
    hit_shares: dict[str, Decimal]


class StopRecord(Fields):
    """A breakpoint: the part after which it stands, and its time to live."""

    part: str = of(0)
    ttl: str = of(1)


class WayRecord(Fields):
    """One way to place breakpoints, and what a query's prompt then costs."""

    breakpoints: str = of("name")
    ttl: str | None
    after: list[StopRecord]
    total: Decimal
    savings: Decimal
    savings_ratio: Decimal


class PlacementRecord(OfOneModel):
    """Where to put breakpoints; shares are of the later queries."""

    rate_per_hour: Fraction | None = of("pace.rate")
    every: timedelta | None = of("pace.gap")
    at_most: Count = of("most")
    min_tokens: Count = of("minimum")
    ttls: list[TtlRecord] = of("survivals")
    parts: list[PartRecord]
    ways: list[WayRecord]
    best: WayRecord
    sentence: Text
