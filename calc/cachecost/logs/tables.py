"""Rows that are no single requests: sums of requests over a time, and charges, which are money without tokens."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from json import dumps
from typing import Any, NamedTuple

from ..money import multiply
from ..replay.request import Charge, Item, Skipped
from .envelope import labels
from .flat import Fields, requests, value, words
from .format import Format, Rule
from .values import NOTHING, Record, instant, money

DAY, NOW = timedelta(days=1), timedelta(0)
SUMS = (
    "sums over a time: what was paid is exact where no rate changes inside, nor with the size of a prompt; what "
    "caching would have cost is bounded"
)


class Costs(NamedTuple):
    """Under which paths the fields of a charge lie (paths as in `flat.Fields`).

    `currency`: a path, or three capital letters where all rows have the same. `item`: paths joined by `+` are all
    said. `unit`: what one of the amount is worth. `service`: the paths of what names the service, joined by `+`, and
    `ours` the words of which it has one where the charge is for tokens; other rows are skipped. `id`: a path whose
    value shows that no two rows are the same, so that a row that comes again is a duplicate.
    """

    at: str
    amount: str
    item: str
    currency: str = "USD"
    until: str = ""
    model: str = ""
    project: str = ""
    id: str = ""
    unit: Decimal = Decimal(1)
    service: str = ""
    ours: tuple[str, ...] = ()


def lasting(at: datetime | None, until: datetime | None) -> timedelta:
    """The time between two instants; a day where one is not known."""
    return until - at if at and until else DAY


def digest(record: Record) -> str:
    """The same for a row that was exported twice, and for no other."""
    return blake2b(dumps(record, sort_keys=True, default=str).encode(errors="replace"), digest_size=16).hexdigest()


def charge(record: Record, costs: Costs) -> list[Item]:
    """The charge of a row; a remark where it is for nothing that is billed by the token."""
    names = " ".join(str(value(record, path)) for path in costs.service.split("+")).lower()
    if costs.ours and not any(word in names for word in costs.ours):
        return [Skipped("a charge for another service")]
    amount = money(value(record, costs.amount), costs.amount)
    if amount is None:
        return [Skipped("a row without an amount")]
    at = instant(value(record, costs.at), costs.at)
    currency = costs.currency if costs.currency.isupper() else words(record, costs.currency) or "USD"
    charged = Charge(
        at,
        amount if costs.unit == 1 else multiply(amount, costs.unit),
        currency.upper(),
        ", ".join(dict.fromkeys(filter(None, (words(record, path) for path in costs.item.split("+"))))),
        words(record, costs.model),
        words(record, costs.project) or None,
        lasting(at, instant(value(record, costs.until), costs.until)),
        digest(record) if value(record, costs.id) is not None else None,
    )
    return [charged]


def charges(name: str, keys: str, costs: Costs, **more: Any) -> Format:
    """The format of rows that are charges and have all of the keys, joined by `+`."""
    return Format(name, reader=lambda record: charge(record, costs), **{"is_ours": has(keys), **more})


def sums(
    name: str,
    keys: str,
    fields: Fields,
    *,
    until: str = "",
    skips: Sequence[Rule] = (),
    more: Callable[[Record], Mapping[str, Any]] = lambda record: NOTHING,
    **others: Any,
) -> Format:
    """The format of rows that each sum up the requests of a time, a day where no path leads to its end (`until`), and
    have all of the keys. `more`, `skips` and all else as in Format."""

    def known(record: Record) -> dict[str, Any]:
        at = instant(value(record, fields.at), fields.at)
        return {
            "lasting": lasting(at, instant(value(record, until), until)),
            "id": words(record, fields.id) or digest(record),
            "labels": tuple(labels(record).items()),
            **more(record),
        }

    counts = "|".join(filter(None, (fields.input, fields.read, fields.output)))
    skips = (*skips, Rule(counts, "^$", "a row without tokens"))
    given = {"is_ours": has(keys), "note": SUMS, **others}
    return Format(name, fields=fields, is_sum=True, skips=skips, more=known, **given)


def by_model(counts: Record, fields: Fields, named: str, **known: Any) -> list[Item]:
    """The sums of requests under the names of their models, each known by `named` and that name; over no time, where
    `known` does not say how long."""
    return [
        item
        for model, each in counts.items()
        if isinstance(each, Mapping)
        for item in requests(each, fields, **{"lasting": NOW, "model": model, "id": f"{named}:{model}", **known})
    ]


def has(keys: str) -> Callable[[Record], bool]:
    """Whether a record has all of the keys, with or without a value; of those joined by `|`, one."""
    wanted = [each.split("|") for each in keys.split("+")]
    return lambda record: all(any(key in record or value(record, key) is not None for key in each) for each in wanted)
