"""What the words of a price sheet mean together, and everything that a page of the right shape still says wrongly.

A fault is a path into the page (`("rate_cards", 1, "tiers", 0, "cache_read")`) and a message.
"""

from collections.abc import Mapping, Sequence, Set
from itertools import pairwise, product

from ..hours import Window
from ..prices.card import STANDARD, Band, Rate, Row
from ..prices.sheet import Path, printed_at
from ..prices.usage import MODALITIES
from ..units import show_duration
from .build import band, fees_of, rates_of, row_of
from .composed import Faults
from .page import CachingWords, CardWords, RegionWords, RowWords, SheetWords

Rates = Mapping[str, Rate]


def faults(words: SheetWords) -> Faults:
    """Everything that a page of the right shape still says wrongly."""
    yield from _name_faults(words)
    for index, (before, after) in enumerate(pairwise(words.rate_cards), start=1):
        path: Path = ("rate_cards", index, "effective")
        if before.effective == after.effective:
            yield path, "two cards begin at this instant; expected one card an instant"
        elif before.effective > after.effective:
            yield path, "begins before the card above it; expected oldest first"
    if (status := words.rate_cards[0].status) in ("withdrawn", "cancelled"):
        yield ("rate_cards", 0, "status"), f"the first card cannot be {status}; expected rates first"
    if words.rate_cards[0].rest:
        yield ("rate_cards", 0, "rest"), "no card is above the first one; expected all of its rates and terms"
    yield from _limit_faults(words)
    for index, card in enumerate(words.rate_cards if not words.resells else ()):
        for key in ("follows", "services", "factor", "without"):
            if key in card.model_fields_set:
                yield ("rate_cards", index, key), "given, but the page resells no other; add `resells` or remove it"
    services = dict.fromkeys(row.service for card in words.rate_cards for row in card.tiers)
    for index, card in enumerate(words.rate_cards):
        yield from _below(("rate_cards", index), _card_faults(card))
        for name, region in card.regions.items():
            for service in region.not_ if isinstance(region, RegionWords) else ():
                if service not in services:
                    message = f"{service} is not a service of this page ({', '.join(services)})"
                    yield ("rate_cards", index, "regions", name, "not"), message


def _below(path: Path, faults: Faults) -> Faults:
    """Faults of a part of the page, with the path of the part before theirs."""
    return (((*path, *below), message) for below, message in faults)


def _name_faults(words: SheetWords) -> Faults:
    """A name is given once, and an id that names a region names one that some card knows."""
    names = {words.model}
    given: list[tuple[Path, str]] = [(("aliases", index), alias) for index, alias in enumerate(words.aliases)]
    for region, ids in words.aliases_in.items():
        given += [(("aliases_in", region, index), alias) for index, alias in enumerate(ids)]
    for path, alias in given:
        if alias in names:
            yield path, f"{alias} is given twice; each name is given once, and the model itself is no alias"
        names.add(alias)
    known = dict.fromkeys(region for card in words.rate_cards for region in card.regions)
    for region in words.aliases_in:
        if region not in known:
            yield ("aliases_in", region), f"no card has a region of this name ({', '.join(known) or 'none'})"


def _limit_faults(words: SheetWords) -> Faults:
    """A prompt that is longer than prompt and answer together cannot be; a card's limits are read over the page's."""
    cards = ((("rate_cards", index, "limits"), card.limits) for index, card in enumerate(words.rate_cards))
    for path, own in ((("limits",), words.limits), *cards):
        if own is None:
            continue
        most, context = own.input or words.limits.input, own.context or words.limits.context
        if most and context and most > context:
            yield (*path, "input"), f"{most:,} is over the context of {context:,}; expected the largest prompt"


def _card_faults(card: CardWords) -> Faults:
    if card.status == "withdrawn":
        for key in "rest limits regions fees reserved allowance follows services factor without caching tiers".split():
            if key in card.model_fields_set:
                yield (key,), "given, but a withdrawn model is no longer sold; leave it out"
        return
    if not card.tiers:
        yield ("tiers",), "missing; expected at least one row of rates"
        return
    rates = [rates_of(row) for row in card.tiers]
    for index, row in enumerate(card.tiers):
        yield from _below(("tiers", index), _row_faults(row, rates[index], card.caching))
    yield from _allowance_faults(card, {line for each in (*rates, fees_of(card.fees)) for line in each})
    yield from _terms_faults(card)
    if not any(band_fault(row, axis) for row in card.tiers for axis in ("prompt", "output")):
        for path, message in coverage([row_of(row, {}) for row in card.tiers]):
            # A row that is new here lies beside the rows of the card above, which stay.
            kept = card.rest and len(path) == 2
            yield (
                path,
                f"{message}; `rest: as above` keeps the rows above: give all rows without it" if kept else message,
            )


def _allowance_faults(card: CardWords, lines: Set[str]) -> Faults:
    """What is free of charge up to a number has a fee beyond it."""
    allowance = card.allowance
    if allowance and not allowance.free:
        yield ("allowance",), "names no fee; expected one with the calls that are free, such as web_search: 5_000"
    for name in allowance.free if allowance else ():
        if f"fee.{name}" not in lines:
            yield ("allowance", name), "given, but the card has no such fee; add what a call beyond it costs to `fees`"


def _row_faults(row: RowWords, rates: Rates, caching: CachingWords) -> Faults:
    for axis in ("prompt", "output"):
        if fault := band_fault(row, axis):
            yield fault
    sold = {} if row.not_sold else rates
    for name in row.disputed:
        if name not in sold:
            yield ("disputed", name), f"not a rate of this row ({', '.join(sold) or 'it has none'})"
    if row.not_sold:
        if rates:
            yield ("not_sold",), "given beside rates; expected rates, or the reason why there are none"
        return
    if row.input is None:
        yield ("input",), "missing; expected the rate of uncached prompt tokens"
    if row.output is None:
        yield ("output",), "missing; expected the rate of answer tokens"
    yield from _zero_faults(row, rates)
    if row.storage_per_hour is not None and row.storage_per_minute is not None:
        yield ("storage_per_minute",), "given beside storage_per_hour; expected the one that the vendor prints"
    yield from _caching_faults(row, caching)


def _caching_faults(row: RowWords, caching: CachingWords) -> Faults:
    """Rates of caching and the card's terms of caching need each other; only a standard row has to have every rate."""
    kinds = {kind: bool(getattr(caching, kind)) for kind in ("automatic", "written", "stored")}
    storage = "storage_per_hour" if row.storage_per_minute is None else "storage_per_minute"
    stored = caching.stored
    by_rate = bool(stored and "rate" in (stored.creation, *(other.value for other in stored.disputed.creation or ())))
    # Where a rate stands, the rate, whether the term that it goes with is given, and that term.
    pairs: list[tuple[Path, object, bool, str]] = [
        (("cache_read",), row.cache_read, any(kinds.values()), "caching"),
        (("cache_write",), row.cache_write, kinds["written"], "caching.written"),
        ((storage,), getattr(row, storage), kinds["stored"], "caching.stored"),
        (("creation",), row.creation, by_rate, "`creation: rate` in caching.stored"),
    ]
    if isinstance(row.cache_read, dict):
        reads = {str(kind): rate for kind, rate in row.cache_read.items()}
        pairs += [(("cache_read", kind), reads.get(kind), given, f"caching.{kind}") for kind, given in kinds.items()]
    for modality in MODALITIES:  # may be left out, as a modality may cost what text costs
        for part, given, term in (
            ("cache_read", any(kinds.values()), "caching"),
            ("cache_write", kinds["written"], "caching.written"),
            ("storage_per_hour", kinds["stored"], "caching.stored"),
        ):
            if (rate := getattr(getattr(row, modality), part, None)) is not None:
                pairs.append(((modality, part), rate, given, term))
        written, text = getattr(getattr(row, modality), "cache_write", None) or {}, row.cache_write or {}
        for ttl in written if text else ():
            if ttl not in text:
                yield (modality, "cache_write", ttl), f"has no write rate of text; expected one of {', '.join(text)}"
    for path, rate, given, term in pairs:
        if rate is not None and not given:
            yield path, f"given, but the card has no {term}; add its terms or remove the rate"
        if rate is None and given and row.service == STANDARD:
            yield path, f"missing, but the card has {term}; a missing rate is never zero"


def _zero_faults(row: RowWords, rates: Rates) -> Faults:
    """A rate of 0 stands only where the page says that it is one: an unknown rate is never zero."""
    zeros = [name for name, rate in rates.items() if not rate.value]
    if row.free and not zeros:
        yield ("free",), "given, but no rate of this row is 0; remove it"
    if not row.free:
        for name in zeros:
            yield printed_at(name), "is 0; expected a rate, or `free: yes` on this row where nothing is charged for it"


def _terms_faults(card: CardWords) -> Faults:
    lifetime = card.caching.automatic and card.caching.automatic.lifetime
    if lifetime and lifetime.least > lifetime.most:
        least, most = show_duration(lifetime.least), show_duration(lifetime.most)
        path = ("caching", "automatic", "lifetime", "most")
        yield path, f"{most} is shorter than least, {least}; expected `least` up to `most`"
    written = card.caching.written
    ttls = {frozenset(row.cache_write) for row in card.tiers if row.cache_write and row.service == STANDARD}
    if len(ttls) > 1:
        yield ("tiers",), "the rows sell different TTLs; expected the same in every standard row"
    if written and written.default_ttl and ttls and written.default_ttl not in frozenset.union(*ttls):
        sold = ", ".join(dict.fromkeys(ttl for row in card.tiers for ttl in row.cache_write or ()))
        yield ("caching", "written", "default_ttl"), f"{written.default_ttl} has no write rate; expected one of {sold}"


def band_fault(row: RowWords, axis: str) -> tuple[Path, str] | None:
    limits = band(row, axis)
    if limits == Band():
        return None
    lows = [f"{axis}_{word}" for word in ("over", "from") if getattr(row, f"{axis}_{word}") is not None]
    highs = [f"{axis}_{word}" for word in ("up_to", "below") if getattr(row, f"{axis}_{word}") is not None]
    for words in (lows, highs):
        if len(words) > 1:
            return (words[1],), f"given beside {words[0]}; expected one of the two"
    if limits.high is not None and limits.high < limits.low:
        ends = " and ".join(f"{word} {getattr(row, word):,}" for word in lows + highs)
        expected = "the smaller number first" if lows else "at least 1"
        return (highs[0],), f"no {axis} fits {ends}; expected {expected}"
    return None


def coverage(rows: Sequence[Row]) -> Faults:
    """Every prompt and answer size, mode, service and minute is priced by exactly one row of a card."""
    services = dict.fromkeys(row.service for row in rows)
    if STANDARD not in services:
        yield ("tiers",), "no row of the standard service; expected rows without `service`"
    for service in services:
        mine = {index: row for index, row in enumerate(rows) if row.service == service}
        thinking = (True, False) if any(row.thinking is not None for row in mine.values()) else (None,)
        prompts, outputs = (_edges([getattr(row, axis) for row in mine.values()]) for axis in ("prompt", "output"))
        for prompt, output, mode in product(prompts, outputs, thinking):
            fitting = {
                index: row
                for index, row in mine.items()
                if prompt in row.prompt and output in row.output and (mode is None or row.thinking in (None, mode))
            }
            case = f"service {service}, a prompt of {prompt:,} tokens" + (
                f", an answer of {output:,}" if output else ""
            )
            case += "" if mode is None else f", thinking {'on' if mode else 'off'}"
            if fault := _fault_of(case, fitting):
                yield fault
                break


def _fault_of(case: str, rows: Mapping[int, Row]) -> tuple[Path, str] | None:
    """What is wrong with the rows that price a case: one without a window is due, and windows that never meet."""
    standing = [index for index, row in rows.items() if row.window is None]
    if not standing and rows:
        message = f"only rows with a window price {case}; expected one without, for the hours outside"
        return ("tiers", min(rows), "window"), message
    if not standing:
        return ("tiers",), f"no row prices {case}; expected one row for every prompt size"
    if len(standing) > 1:
        return ("tiers", standing[1]), f"two rows price {case}; expected one"
    if clash := _clash({index: row.window for index, row in rows.items() if row.window}):
        return ("tiers", clash[0], "window"), f"two rows price {case} {clash[1]}; expected one"
    return None


def _edges(bands: Sequence[Band]) -> list[int]:
    """One size from every stretch of sizes in which no row begins or ends."""
    return sorted({0} | {band.low for band in bands} | {band.high + 1 for band in bands if band.high is not None})


def _clash(windows: Mapping[int, Window]) -> tuple[int, str] | None:
    """The second of two windowed rows that are open in the same minute of a week, and that minute."""
    zones = {window.zone for window in windows.values()}
    if len(zones) > 1:
        return list(windows)[1], f"in windows of different zones ({', '.join(sorted(zones))})"
    taken: set[int] = set()
    for index, window in windows.items():
        minutes = _minutes(window)
        if both := taken & minutes:
            day, minute = divmod(min(both), 1440)
            return index, f"on {'Mon Tue Wed Thu Fri Sat Sun'.split()[day]} at {minute // 60:02}:{minute % 60:02}"
        taken |= minutes
    return None


def _minutes(window: Window) -> set[int]:
    minutes: set[int] = set()
    for day, (begin, end) in product(window.days, window.hours):
        first, last = begin.hour * 60 + begin.minute, end.hour * 60 + end.minute
        span = range(first, last if last > first else last + 1440)
        minutes |= {(day * 1440 + minute) % 10080 for minute in span}
    return minutes
