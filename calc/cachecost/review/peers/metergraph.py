"""metergraph-core (https://pypi.org/project/metergraph-core/): dated prices and their pages, in our words."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import yaml

from ...catalog.spellings import folder_of
from ..datasets import PeerRate

PATTERN = "metergraph_core/data/prices.yaml"
LINES = {
    "input_per_mtok": "input",
    "cache_read_per_mtok": "cache_read",
    "cache_write_5m_per_mtok": "cache_write",
    "cache_write_1h_per_mtok": "cache_write:1h",
    "output_per_mtok": "output",
}
SERVICES = {"": "standard", "batch_": "batch"}


class _Exact(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML whose numbers are exact."""


_Exact.add_constructor("tag:yaml.org,2002:float", lambda loader, node: Decimal(loader.construct_scalar(node)))


def rates(content: bytes, at: datetime) -> Iterator[PeerRate]:
    """Every rate in force at an instant under every name that its channel takes."""
    day = f"{at:%Y-%m-%d}"
    for model in yaml.load(content, _Exact)["models"]:
        for price in model.get("prices", ()):
            if str(price["effective_from"]) <= day < str(price.get("effective_to") or "9999"):
                yield from _of_price(model, price)


def _of_price(model: Mapping[str, Any], price: Mapping[str, Any]) -> Iterator[PeerRate]:
    region = price.get("region", "global")
    names = [
        each["alias"]
        for each in model["aliases"]
        if each.get("channel") == price["channel"] and each.get("price_region", "global") == region
    ]
    provider, since, source = folder_of(price["channel"]), str(price["effective_from"]), price["source_url"]
    long = (price.get("rules") or {}).get("long_context")
    for name in dict.fromkeys(names):
        for prefix, service in SERVICES.items():
            for key, line in LINES.items():
                if (stated := price.get(f"{prefix}{key}")) is None:
                    continue
                value = Decimal(stated)
                yield PeerRate(provider, name, service, 1_000, line, value, since, source)
                if long and service == "standard":
                    factor = Decimal(long["output_multiplier" if line == "output" else "input_multiplier"])
                    prompt = long["threshold"] + 1
                    yield PeerRate(provider, name, service, prompt, line, value * factor, since, source)
