"""What is told of prices and of the server: quotes, models, flat rates, health, problems, as JSON schemas."""

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

BAND = closed(**{"from": COUNT, "to": maybe(COUNT)})
RATES: Schema = {"type": "object", "additionalProperties": DIGITS}
WINDOW = closed(hours=listed(TEXT), days=listed(COUNT), zone=SAID, closed_on=listed(DAY))
ROW = closed(
    service=SAID,
    prompt=BAND,
    output=BAND,
    thinking=maybe(FLAG),
    window=maybe(WINDOW),
    rates=RATES,
    free=FLAG,
    not_sold=maybe(TEXT),
    note=maybe(TEXT),
)
TERM: Schema = {"anyOf": [TEXT, COUNT, FLAG, listed(TEXT), closed(least=TEXT, most=TEXT)]}
CARD = closed(
    version=VERSION,
    effective=TEXT,
    status=STATUS,
    confidence=one_of("high", "medium", "low"),
    sources=listed(TEXT),
    seen=DAY,
    note=maybe(TEXT),
    limits=closed(context=maybe(COUNT), input=maybe(COUNT), output=maybe(COUNT)),
    caching={
        "type": "object",
        "propertyNames": one_of("automatic", "written", "stored"),
        "additionalProperties": {"type": "object", "additionalProperties": TERM},
    },
    regions=RATES,
    disputed=listed(DISPUTE),
    rows=listed(ROW),
)
HEADING: dict[str, Schema] = {
    "model": MODEL,
    "name": SAID,
    "currency": CURRENCY,
    "checked": DAY,
    "aliases": listed(TEXT),
    "region": maybe(TEXT),
    "note": maybe(TEXT),
}
FLAT = closed(
    model=MODEL,
    provider=SAID,
    version=VERSION,
    status=STATUS,
    kind=SAID,
    service=SAID,
    prompt_from=COUNT,
    prompt_to=maybe(COUNT),
    output_from=COUNT,
    output_to=maybe(COUNT),
    thinking=maybe(FLAG),
    window=maybe(TEXT),
    region=maybe(TEXT),
    unit=SAID,
    rate=DIGITS,
    currency=CURRENCY,
    effective={"type": "string", "format": "date-time"},
    checked=DAY,
)
QUOTED = closed(
    schema_version=HEAD,
    total=DIGITS,
    currency=CURRENCY,
    version=VERSION,
    status=SAID,
    free=FLAG,
    lines=listed(LINE),
    warnings=NOTES,
)
IDENTITY: Schema = {"description": "As it came."}
ONE = QUOTED | {"properties": {**QUOTED["properties"], "id": IDENTITY}}
OF_LIST = without(QUOTED, "schema_version")
EACH: Schema = {
    "anyOf": [closed(id=IDENTITY, **OF_LIST["properties"]), closed(id=IDENTITY, error=closed(type=SAID, message=SAID))]
}
PLACE: Schema = {
    "type": "object",
    "properties": {"parameter": SAID, "pointer": {"type": "string", "pattern": "^/"}, "detail": SAID},
    "required": ["detail"],
    "additionalProperties": False,
}
PROBLEM: Schema = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "pattern": "^urn:cachecost:[a-z-]+$", "examples": ["urn:cachecost:bad-quantity"]},
        "title": SAID,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": SAID,
        "errors": listed(PLACE),
    },
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": False,
}
SHAPES: dict[str, Schema] = {
    "Row": ROW,
    "RateCard": CARD,
    "Sheet": closed(schema_version=HEAD, **HEADING, rate_cards=listed(ref("RateCard"))),
    "Models": closed(schema_version=HEAD, models=listed(closed(**HEADING, card=ref("RateCard")))),
    "Rate": FLAT,
    "Rates": listed(ref("Rate")),
    "Quote": ONE,
    "Quotes": {"anyOf": [ref("Quote"), listed(EACH)]},
    "Health": closed(
        status=one_of("ok", "degraded"),
        sheets=COUNT,
        loaded=TEXT,
        faults=listed(closed(file=TEXT, line=COUNT, message=SAID)),
    ),
    "Version": closed(version=SAID, sheets=closed(digest=SAID, count=COUNT, newest_checked=maybe(DAY))),
    "Problem": PROBLEM,
}
