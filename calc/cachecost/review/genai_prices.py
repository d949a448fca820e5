"""pydantic/genai-prices as installed (https://github.com/pydantic/genai-prices): its rates in our words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..errors import BadDocument
from ..files.installed import install
from .datasets import PeerRate

PROVIDERS = {"x-ai": "xai", "moonshotai": "moonshot", "aws": "bedrock", "zhipuai": "zhipu"}
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


def rates(path: Path | None, at: datetime) -> Iterator[PeerRate]:
    """Every rate in force at an instant, on both sides of every tier's edge; of services only what they state."""
    if path is not None:
        raise BadDocument("genai-prices is read as installed: pip install genai-prices, then leave the file out")
    try:
        from genai_prices.data import providers
    except ImportError:
        raise BadDocument(f"genai-prices is not installed: {install('peers')}") from None
    for provider in providers:
        for model in provider.models:
            yield from _of_model(provider.id, model, at)


def _of_model(provider: str, model: Any, at: datetime) -> Iterator[PeerRate]:
    ours = PROVIDERS.get(provider, provider)
    if provider == "google" and (model.id.endswith("-maas") or not model.id.startswith(("gemini", "gemma"))):
        ours = "google-vertex"
    standard = _rates(model.get_prices(at))
    for service, when in SERVICES.items():
        stated = standard if when is None else _stated(model, when, at)
        for name, price in stated.items():
            if name not in LINES:
                continue
            for prompt, value in _steps(price):
                yield PeerRate(ours, model.id, service, prompt, LINES[name], value)


def _rates(prices: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(prices).items() if value is not None and not name.startswith("_")}


def _stated(model: Any, when: dict[str, str], at: datetime) -> dict[str, Any]:
    """What the dataset prints for a service; the newest statement first, as it reads them itself."""
    rates: dict[str, Any] = {}
    for variant in model.price_variants or ():
        if variant.when == when and (variant.constraint is None or variant.constraint.active(at)):
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
