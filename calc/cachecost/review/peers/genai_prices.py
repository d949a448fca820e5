"""pydantic/genai-prices (https://github.com/pydantic/genai-prices): its rates in our words, out of its source text."""

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from ...catalog.spellings import folder_of
from ..datasets import PeerRate

PATTERN = "genai_prices/data.py"
LINES = {
    "input_mtok": "input",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write:1h",
    "output_mtok": "output",
    "input_audio_mtok": "audio.input",
    "cache_audio_read_mtok": "audio.cache_read",
    "output_audio_mtok": "audio.output",
}
SERVICES: dict[str, dict[str, str] | None] = {
    "standard": None,
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
}


def rates(content: bytes, at: datetime) -> Iterator[PeerRate]:
    """Every rate in force on the day of an instant, on both sides of every tier's edge; of services what they state.

    Rates of some hours come before the one of the rest of the day, so that a place that keeps one of them keeps that.
    """
    for node in ast.parse(content).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "providers":
            for provider in _value(node.value):
                for model in provider.models:
                    yield from _of_model(provider.id, model, at)
            return
    raise ValueError("it has no list of providers")


def _value(node: ast.expr | None) -> Any:
    """What an expression of the file means: texts, numbers, days and lists; a call of one of its classes is an object
    with the named arguments as attributes, and `kind` as the name of the class."""
    match node:
        case ast.Constant():
            return node.value
        case ast.List():
            return [_value(each) for each in node.elts]
        case ast.Dict():
            return {_value(key): _value(value) for key, value in zip(node.keys, node.values, strict=True)}
        case ast.Call(func=func):
            kind = func.id if isinstance(func, ast.Name) else ast.unparse(func).rpartition(".")[2]
            arguments = [_value(each) for each in node.args]
            if kind == "Decimal":
                return Decimal(*arguments)
            if kind in ("date", "time"):
                return date(*arguments) if kind == "date" else time(*arguments).replace(tzinfo=UTC)
            named = {each.arg or "": _value(each.value) for each in node.keywords if each.arg != "extractors"}
            return SimpleNamespace(**({"prices": None, "price_variants": None, "constraint": None} | named), kind=kind)
        case _:
            raise ValueError(f"line {getattr(node, 'lineno', '?')} holds {type(node).__name__}")


def _of_model(provider: str, model: Any, at: datetime) -> Iterator[PeerRate]:
    ours = folder_of(provider)
    if provider == "google" and (model.id.endswith("-maas") or not model.id.startswith(("gemini", "gemma"))):
        ours = "google-vertex"
    listed = isinstance(model.prices, list)
    conditional = model.prices if listed else [SimpleNamespace(prices=model.prices, constraint=None)]
    # The last that is in force counts, else the first, as the library reads them; what follows it holds for some hours.
    days = [index for index, each in enumerate(conditional) if _active(each.constraint, at)]
    chosen = conditional[days[-1] if days else 0]
    since = str(getattr(chosen.constraint, "start_date", ""))
    standard = _rates(chosen.prices)
    for hours in (each for each in conditional[days[-1] + 1 if days else 1 :] if _is_hourly(each.constraint)):
        yield from _priced(ours, model.id, "standard", _rates(hours.prices))
    for service, when in SERVICES.items():
        stated = standard if when is None else _stated(model, when, at)
        yield from _priced(ours, model.id, service, stated, since if when is None else "")


def _priced(provider: str, model: str, service: str, prices: dict[str, Any], since: str = "") -> Iterator[PeerRate]:
    for name, price in prices.items():
        if name in LINES:
            for prompt, value in _steps(price):
                yield PeerRate(provider, model, service, prompt, LINES[name], value, since)


def _active(constraint: Any, at: datetime) -> bool:
    """Whether a price holds all day, from a day on or always."""
    return constraint is None or (not _is_hourly(constraint) and bool(at.date() >= constraint.start_date))


def _is_hourly(constraint: Any) -> bool:
    return constraint is not None and constraint.kind == "TimeOfDateConstraint"


def _rates(prices: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(prices).items() if value is not None}


def _stated(model: Any, when: dict[str, str], at: datetime) -> dict[str, Any]:
    """What the dataset prints for a service; the newest statement first, as it reads them itself."""
    rates: dict[str, Any] = {}
    for variant in model.price_variants or ():
        if variant.when == when and _active(variant.constraint, at):
            rates = _rates(variant.prices) | rates
    return rates


def _steps(price: Any) -> Iterator[tuple[int, Decimal]]:
    """(prompt size, rate) on both sides of every threshold; `start` itself is still the tier below."""
    if isinstance(price, Decimal):
        yield 1_000, price
        return
    below = price.base
    yield 1_000, below
    for tier in sorted(price.tiers, key=lambda tier: tier.start):
        yield tier.start, below
        below = tier.price
        yield tier.start + 1, below
