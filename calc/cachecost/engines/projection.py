"""A declared format in SQL: its paths as columns of text, and its counts and rules as expressions over them.

What a declaration means is written down in `logs/flat.py` and `logs/format.py`; this is the same for many records at
once. A record that is not plain (a count that is no whole number, a total that contradicts, a label that is an object)
is odd, and left to the reader of its format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ..logs.counts import ttl_of
from ..logs.envelope import PROJECTS, SESSIONS, TIMES, opened
from ..logs.flat import Fields
from ..logs.format import BESIDE, LONGEST, Format, Rule
from ..logs.values import LARGEST, NOTHING, Record
from .columns import Columns, paths
from .sql import given, named, quoted

TTLS = [f"ephemeral_{ttl}_input_tokens" for ttl in ("5m", "1h")] + [
    f"input_cache_creation_{ttl}" for ttl in ("5m", "1h")
]
"""Keys of written tokens that may come up late in a log."""
TEXTS = ("model", "region", "session", "project")
_AT = (
    "[12][0-9]{3}-[01][0-9]-[0-3][0-9]([T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?"
    "(Z|[+-][01][0-9](:?[0-5][0-9])?)?)?"
)
"""Instants that Python and DuckDB read alike."""
_SECONDS, _FINER = "1[0-9]{9}", "1[0-9]{15}|1[0-9]{18}"
"""Seconds, and micro- or nanoseconds: digits that cannot be a date and a time without signs between them."""
_MILLIS = "1[0-9]{12}"
_MINUTE = "[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]([01][0-9]|2[0-4])[0-5][0-9]"
"""Milliseconds, and those digits that Python reads as a day, any sign and a minute, where they are text."""
_AMOUNT = "[0-9]{1,9}([.][0-9]{1,15})?([eE]-[0-9]{1,2})?"
_STRANGE = "^([{[]|true$|false$|-|[0-9]+[.eE])"
"""Texts that may have been no text in JSON: objects, lists, truths and fractions."""


class Rows(NamedTuple):
    """A log as rows of counts: a table to read from, with `at`, the counts and the labels.

    `kind`: `parquet`, `csv` or `jsonl`. `shape`: the format of the log. `odd`: whether some row is odd, as an
    aggregate; empty where the rows say it themselves (`odd`, and in `skip` why they are no requests). `place`: the
    column that counts rows. `unknown`: the columns that have no meaning here, by their names in the log. `notes`: what
    is to be said of the log.
    """

    source: str
    counts: Sequence[str]
    labels: Sequence[str]
    kind: str
    shape: str
    odd: str = ""
    place: str = "rowid"
    unknown: Mapping[str, str] = NOTHING
    notes: Sequence[str] = ()


def placed(shape: Format, records: Sequence[Record]) -> Format | None:
    """The format with whole paths, where what people write around an answer is alike in these records; None where
    it differs, lies too deep, or belongs to a batch."""
    if shape.place:
        starts = {shape.place(record) for record in records}
        start = starts.pop()
        return None if starts or start is None else shape.moved(start)
    if not shape.is_enveloped:
        return shape
    envelopes = [opened(record) for record in records]
    places = {
        next((key for key, value in record.items() if value is envelope.body), None) if envelope.around else ""
        for record, envelope in zip(records, envelopes, strict=True)
    }
    place = places.pop()
    if places or place is None or any(len(each.around) > 1 or each.is_batch for each in envelopes):
        return None
    start = f"{place}." if place else ""

    def around(keys: Iterable[str]) -> str:
        inner = [f"{start}{key}" for key in keys if any(key in each.body for each in envelopes)]
        return "|".join(inner + [key for key in keys if place and any(key in each for each in records)])

    moved = shape.moved(start)
    at = "|".join(filter(None, (moved.fields.at, around(TIMES))))
    fields = moved.fields._replace(at=at, session=around(SESSIONS), project=around(PROJECTS))
    return moved._replace(fields=fields, leaves=[*moved.leaves, Rule("custom_id|processed_time", "!^$")])


def _holds(rule: Rule, text: str) -> str:
    pattern = rule.pattern.removeprefix("!")
    if pattern == "^$":
        test = f"{text} = ''"
    elif re.fullmatch(r"\^\w+", pattern):
        test = f"starts_with({text}, {quoted(pattern[1:])})"
    else:
        test = f"regexp_matches({text}, {quoted(pattern)})"
    return f"NOT {test}" if rule.pattern.startswith("!") else test


def _first(columns: Columns, rules: Sequence[Rule], otherwise: str = "''") -> str:
    """What the first rule says that holds."""
    cases = []
    for rule in rules:
        text = f"COALESCE({given(columns.text(rule.path))}, '')"
        then = quoted(rule.then)
        if "{}" in rule.then:
            then = f"left(replace({then}, '{{}}', left({text}, {LONGEST})), 80)"
        cases.append(f"WHEN {_holds(rule, text)} THEN {then}")
    return f"CASE {' '.join(cases)} ELSE {otherwise} END" if cases else otherwise


def instant(text: str) -> str:
    """An instant that is written as text or as a number since 1970; NULL where it may be none."""
    number = f"TRY_CAST({text} AS BIGINT)"
    return (
        f"CASE WHEN regexp_full_match({text}, '{_AT}') THEN TRY_CAST({text} AS TIMESTAMPTZ) "
        f"WHEN regexp_full_match({text}, '{_SECONDS}') THEN make_timestamptz({number} * 1000000) "
        f"WHEN regexp_full_match({text}, '{_SECONDS}[.][0-9]{{1,9}}') "
        f"THEN make_timestamptz(floor(TRY_CAST({text} AS DECIMAL(28, 9)) * 1000000)::BIGINT) "
        f"WHEN regexp_full_match({text}, '{_MILLIS}') AND NOT regexp_full_match({text}, '{_MINUTE}') "
        f"THEN make_timestamptz({number} * 1000) "
        f"WHEN regexp_full_match({text}, '{_FINER}') "
        f"THEN make_timestamptz(CASE WHEN strlen({text}) > 16 THEN {number} // 1000 ELSE {number} END) END"
    )


def project(
    file: str,
    shape: Format,
    records: Sequence[Record],
    header: Sequence[str] | None = None,
    unknown: Sequence[str] = (),
) -> Rows | None:
    """The rows of a file: lines of JSON, or a table with a header. `records`: some of them, which show where things
    stand. `unknown`: columns without a meaning. None where keys differ only in their case."""
    columns = Columns(records, header)
    ttls = shape.ttls or _ttls(shape.fields, columns)
    labels = _labels(shape, columns)
    values = {"at": instant(columns.text(shape.fields.at)), **_tokens(shape, columns, ttls), **labels}
    counts = {"input": "rest", "cache_read": "r", "cache_write": "CASE WHEN parts > 0 THEN 0 ELSE bare END"}
    counts |= {f"cache_write_{ttl}": f"put_{ttl}" for ttl in ttls} | {"output": "answer"}
    needs = [f"{given(columns.text(path))} IS NOT NULL" for path in shape.keys.split()]
    values["is_ours"] = " AND ".join(needs) or "TRUE"
    values["reason"] = _first(columns, shape.skips)
    # without the keys of its format, a record that is no request may be one of another format
    values["skip"] = "CASE WHEN is_ours AND NOT late THEN NULLIF(reason, '') END" if needs else "NULL::VARCHAR"
    strange = {name: f"unknown {place}" for place, name in enumerate(unknown)}
    values |= {alias: columns.text(name) for name, alias in strange.items()}
    odd = " OR ".join(f"COALESCE({each}, FALSE)" for each in _oddities(shape, columns, labels, is_json=header is None))
    inner = ", ".join(["*", *(f"{each} AS {named(name)}" for name, each in values.items())])
    lines = {name: named(name) for name in ("at", *labels, *strange.values())} | counts
    lines |= {"skip": "skip", "odd": f"skip IS NULL AND (late OR NOT is_ours OR reason <> '' OR {odd})"}
    selected = ", ".join(f"{each} AS {named(name)}" for name, each in lines.items())
    table = f"(SELECT {selected} FROM (SELECT {inner} FROM {columns.table(file)}))"
    kind = "jsonl" if header is None else "csv"
    return Rows(table, list(counts), list(labels), kind, shape.name, unknown=strange) if columns.is_clear else None


def _ttls(fields: Fields, columns: Columns) -> dict[str, str]:
    """The paths of written tokens by TTL, for each that a record has; others may come late."""
    found: dict[str, dict[str, None]] = {}
    for path in paths(fields.ttls):
        for key in TTLS:
            columns.of(f"{path}.{key}")
        for key in columns.keys(path):
            if (ttl := ttl_of(key)) and "." not in key:
                found.setdefault(ttl, {})[key] = None
    return {
        ttl: "+".join("|".join(f"{path}.{key}" for path in paths(fields.ttls)) for key in keys)
        for ttl, keys in found.items()
    }


def _tokens(shape: Format, columns: Columns, ttls: Mapping[str, str]) -> dict[str, str]:
    """The counts of a record, each from those before it: what `flat.requests` and `counts.uncached` do."""
    fields, number = shape.fields, columns.number
    otherwise = "0" if fields.may_lack_input else "NULL::BIGINT"
    return {
        "p": f"COALESCE({', '.join([*columns.counts(fields.input), otherwise])})",
        "o": number(fields.output),
        "thoughts": number(fields.thoughts),
        "beside": number(fields.apart),
        "r": number(fields.read),
        "bare": number(fields.write),
        "counting": _first(columns, shape.countings, quoted(shape.fields.counting)),
        "t": f"CASE WHEN counting = '{BESIDE}' THEN 0 ELSE {number(fields.total)} END",
        **{f"put_{ttl}": number(path) for ttl, path in ttls.items()},
        "parts": " + ".join(f"put_{ttl}" for ttl in ttls) or "0",
        "c": "r + CASE WHEN parts > 0 THEN parts ELSE bare END",
        "answer": "o + CASE WHEN t IN (p + o, p + c + o) THEN 0 ELSE beside END"
        " + CASE WHEN t IN (p + o + thoughts, p + c + o + thoughts) THEN thoughts ELSE 0 END",
        "apart": f"c = 0 OR counting IN ('exclusive', '{BESIDE}') OR t = p + c + answer "
        "OR counting = 'total' AND t <> p + answer",
        "rest": "CASE WHEN apart THEN p ELSE p - c END",
    }


def _labels(shape: Format, columns: Columns) -> dict[str, str]:
    """The labels of a record, and what it says that was paid."""
    fields, text = shape.fields, columns.text
    labels = {name: text(path) for name in (*TEXTS, "paid") if (path := getattr(fields, name))}
    if fields.id:
        *others, last = (given(text(each)) for each in fields.id.split("+"))
        labels["id"] = " || ':' || ".join([*(f"COALESCE({each}, '')" for each in others), last])  # NULL if last is
    labels["provider"] = f"COALESCE({given(text(fields.provider))}, {_first(columns, shape.providers)})"
    labels["service"] = text(fields.service)
    if fields.speed:
        labels["service"] = f"CASE WHEN {text(fields.speed)} = 'fast' THEN 'fast' ELSE {labels['service']} END"
    if fields.paid and shape.is_zero_unpaid:
        labels["paid"] = f"CASE WHEN TRY_CAST({labels['paid']} AS DOUBLE) IS DISTINCT FROM 0 THEN {labels['paid']} END"
    return labels | {"thinking": "CASE WHEN beside + thoughts > 0 THEN 'true' ELSE '' END"}


def _oddities(shape: Format, columns: Columns, labels: Iterable[str], *, is_json: bool) -> list[str]:
    """When a record is not plain."""
    fields, names = shape.fields, [name for name in (*TEXTS, "provider", "service") if name in labels]
    kinds = [path for path in (*fields.audio, *fields.image, *fields.video, fields.requests, fields.tools) if path]
    odd = ['"at" IS NULL', "p IS NULL", "rest < 0", f"p + c + answer > {LARGEST}"]
    odd += ["parts > 0 AND bare > 0 AND parts <> bare", "t > 0 AND t <> p + answer + CASE WHEN apart THEN c ELSE 0 END"]
    odd += [f"{columns.number(path)} > 0" for path in kinds]
    odd += [f"{given(columns.text(fields.blocks))} IS NOT NULL"] if fields.blocks else []
    odd += [_holds(rule, f"COALESCE({columns.text(rule.path)}, '')") for rule in shape.leaves]
    for text, number in columns.numbers.items():
        # 1.5 is cast to 2, and 1e3 to 1000
        plain = f"{number} BETWEEN 0 AND {LARGEST} AND {number}::VARCHAR = {text}"
        others = f"({number} BETWEEN 0 AND {LARGEST} AND {number}::VARCHAR || '.0' = {text}) IS NOT TRUE"
        odd.append(f"CASE WHEN {plain} THEN FALSE WHEN {text} NOT IN ('', 'nan', 'NaN') THEN {others} END")
    if fields.paid:
        odd.append(f"paid IS NOT NULL AND NOT regexp_full_match(paid, '{_AMOUNT}')")
    if is_json:  # a first letter is looked at in a tenth of the time
        letters = "ascii({}) IN (123, 91, 116, 102, 45) OR ascii({}) BETWEEN 48 AND 57"
        odd += [
            f"CASE WHEN {letters.format(name, name)} THEN regexp_matches({name}, '{_STRANGE}') END" for name in names
        ]
        odd += [f"ascii({name}) BETWEEN 48 AND 57" for name in ("service", "region") if name in labels]
    return odd
