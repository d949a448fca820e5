"""What the answers to questions look like: comparisons, curves, advice and surveys, as JSON schemas."""

from __future__ import annotations

from .shapes import (
    COUNT,
    CURRENCY,
    DAY,
    DIGITS,
    DISPUTE,
    FLAG,
    HEAD,
    LINE,
    MODEL,
    NOTES,
    SAID,
    SHARE,
    STATUS,
    TEXT,
    VERSION,
    Schema,
    closed,
    listed,
    maybe,
    one_of,
    ref,
    without,
)

LIVES = closed(least=TEXT, most=TEXT, total_at_least=DIGITS, total_at_most=DIGITS)
WORKLOAD = closed(
    context=COUNT,
    question=COUNT,
    answer=COUNT,
    queries=COUNT,
    every=maybe(TEXT),
    over=maybe(TEXT),
    rate_per_hour=maybe(SHARE),
    arrivals=one_of("even", "poisson", "random", "given"),
    turns=maybe(COUNT),
    tools=COUNT,
    office=maybe(TEXT),
    start=TEXT,
)
EVICTION = closed(
    name=TEXT, steps={"type": "object", "additionalProperties": SHARE}, source=maybe(TEXT), seen=maybe(DAY)
)
ASSUMPTIONS = closed(
    hit_share=SHARE,
    hold=maybe(TEXT),
    creation=maybe(TEXT),
    first_query=one_of("reads", "creates"),
    billed_per=maybe(one_of("second", "minute", "hour")),
    service=TEXT,
    region=maybe(TEXT),
    generation=TEXT,
    pings=maybe(COUNT),
    eviction=maybe(EVICTION),
)
ANSWERED = one_of("ok", "refused", "withdrawn", "too_short")
INTERVAL: Schema = {"type": "array", "items": maybe(COUNT), "minItems": 2, "maxItems": 2}
BREAK_EVEN = closed(first=maybe(COUNT), intervals=listed(INTERVAL), stable_from=maybe(COUNT), horizon=maybe(COUNT))
RANGE = closed(low=DIGITS, high=DIGITS, disputed=listed(DISPUTE))
SPACING = closed(
    ttl=TEXT,
    gap=maybe(TEXT),
    total=DIGITS,
    safe=maybe(closed(strategy=SAID, total=DIGITS, up_to=maybe(TEXT))),
    text=SAID,
)
ANSWER = closed(
    model=MODEL,
    version=VERSION,
    checked=DAY,
    strategy=SAID,
    status=ANSWERED,
    free=FLAG,
    currency=CURRENCY,
    total=DIGITS,
    per_query=DIGITS,
    savings=DIGITS,
    savings_ratio=maybe(DIGITS),
    savings_bound=maybe(DIGITS),
    lines=listed(LINE),
    break_even=maybe(ref("BreakEven")),
    break_even_rate_per_hour=maybe(DIGITS),
    break_even_hit_share=maybe(DIGITS),
    band=maybe(closed(low=DIGITS, high=DIGITS)),
    lifetime=maybe(LIVES),
    range=maybe(RANGE),
    spacing=maybe(ref("Spacing")),
    total_low=DIGITS,
    total_high=DIGITS,
    hold=maybe(TEXT),
    expected=maybe(TEXT),
    warnings=NOTES,
)
COMPARISON = closed(
    schema_version=HEAD,
    workload=ref("Workload"),
    assumptions=ref("Assumptions"),
    answers=listed(ref("Answer")) | {"minItems": 1},
    best=maybe(closed(model=MODEL, version=VERSION, strategy=SAID, total=DIGITS, currency=CURRENCY, free=FLAG)),
    left_out=NOTES,
    sentence=SAID,
    counted={"type": "null"},
)
CURVE = closed(
    schema_version=HEAD,
    model=MODEL,
    version=VERSION,
    currency=CURRENCY,
    workload=without(WORKLOAD, "queries"),
    queries=listed(COUNT),
    statuses=listed(one_of("ok", "refused", "withdrawn")),
    lines=listed(
        closed(
            strategy=SAID,
            status=one_of("ok", "too_short"),
            totals=listed(maybe(DIGITS)),
            lifetime=maybe(
                closed(least=TEXT, most=TEXT, totals_low=listed(maybe(DIGITS)), totals_high=listed(maybe(DIGITS)))
            ),
            totals_low=listed(maybe(DIGITS)),
            totals_high=listed(maybe(DIGITS)),
            total_low=DIGITS,
            total_high=DIGITS,
            spacing=maybe(ref("Spacing")),
            break_even=maybe(ref("BreakEven")),
            warnings=NOTES,
        )
    ),
)
LEFT_OUT = listed(closed(model=MODEL, kind=SAID, why=SAID))
POINT: Schema = {"anyOf": [COUNT, TEXT, {"type": "number"}, {"type": "null"}]}
ADVICE = closed(
    schema_version=HEAD,
    model=MODEL,
    version=VERSION,
    checked=DAY,
    currency=CURRENCY,
    workload=ref("Workload"),
    assumptions=ref("Assumptions"),
    status=one_of("ok", "refused", "withdrawn"),
    best=maybe(SAID),
    runner_up=maybe(SAID),
    lead=maybe(DIGITS),
    strategies=listed(
        closed(
            strategy=SAID,
            total=DIGITS,
            total_low=DIGITS,
            total_high=DIGITS,
            spacing=maybe(ref("Spacing")),
            break_even=maybe(ref("BreakEven")),
        )
    ),
    thresholds=listed(closed(axis=SAID, direction=one_of("above", "below"), value=POINT, winner=SAID)),
    looked=listed(closed(**{"axis": SAID, "from": POINT, "to": POINT})),
    price_changes=listed(
        closed(version=VERSION, status=STATUS, days_after={"type": "integer"}, then=maybe(TEXT), total=maybe(DIGITS))
    ),
    expected=maybe(TEXT),
    rules=listed(
        closed(
            strategy=SAID,
            hit_share=maybe(DIGITS),
            rate_per_hour=maybe(DIGITS),
            gap=maybe(TEXT),
            longer=maybe(closed(strategy=SAID, rate_per_hour=DIGITS)),
            pinged_up_to=maybe(TEXT),
            minimum=maybe(COUNT),
            never_dearer=FLAG,
            text=SAID,
        )
    ),
    lifetime=maybe(LIVES),
    warnings=NOTES,
    left_out=NOTES,
    sentence=SAID,
    counted={"type": "null"},
)
SURVEY = closed(
    schema_version=HEAD,
    workload=without(WORKLOAD, "context"),
    currency=CURRENCY,
    models=listed(
        closed(
            model=MODEL,
            version=VERSION,
            context=COUNT,
            strategy=SAID,
            status=one_of("ok"),
            free=FLAG,
            warnings=NOTES,
            currency=CURRENCY,
            total=DIGITS,
            fresh=DIGITS,
            total_low=DIGITS,
            total_high=DIGITS,
            strategies=listed(closed(strategy=SAID, total=DIGITS, total_low=DIGITS, total_high=DIGITS)),
        )
    ),
    left_out=LEFT_OUT,
    sentence=SAID,
)
ERA = closed(
    version=VERSION,
    status={"enum": [*STATUS["enum"], "refused"]},
    strategy=maybe(SAID),
    currency=CURRENCY,
    total=maybe(DIGITS),
    total_low=maybe(DIGITS),
    total_high=maybe(DIGITS),
    fresh=maybe(DIGITS),
    kept=maybe(SAID),
    first=maybe(COUNT),
    stable_from=maybe(COUNT),
    rate_per_hour=maybe(DIGITS),
    discount=maybe(DIGITS),
    warnings=NOTES,
)
HISTORY = closed(
    schema_version=HEAD,
    workload=without(WORKLOAD, "context", "start"),
    rate_cards=listed(ERA),
    left_out=LEFT_OUT,
    sentence=SAID,
)
RENT = closed(model=MODEL, version=VERSION, currency=CURRENCY, tokens=COUNT, hour=DIGITS, day=DIGITS, days_30=DIGITS)
FORGOTTEN = closed(schema_version=HEAD, forgotten=listed(RENT), left_out=LEFT_OUT, sentence=SAID)
SHAPES: dict[str, Schema] = {
    "Workload": WORKLOAD,
    "Assumptions": ASSUMPTIONS,
    "BreakEven": BREAK_EVEN,
    "Answer": ANSWER,
    "Spacing": SPACING,
    "Comparison": COMPARISON,
    "Curve": CURVE,
    "Advice": ADVICE,
    "Survey": SURVEY,
    "History": HISTORY,
    "Forgotten": FORGOTTEN,
    "Plan": {"anyOf": [ref("Advice"), ref("Survey"), ref("History"), ref("Forgotten")]},
}
