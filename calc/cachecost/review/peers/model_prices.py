"""model-prices (https://pypi.org/project/model-prices/): dated observations of vendors' pages, in our words."""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from ...catalog.spellings import folder_of
from ..datasets import PeerRate

PATTERN = "model_prices/snapshot.json"
LINES = ("input", "cache_read", "cache_write", "output")
SERVICES = ("standard", "batch", "flex", "priority", "fast", "ultrafast")
LONG_WRITES = {"openai": "cache_write:12h"}
"""What `cache_write_1h_multiple` is of, where it is not a write of an hour: the column "12h write" of OpenAI's page. It
is stated for a provider, on all of its models; those that sell no write have none of this one either."""
COPIED = "models.dev commit"


def rates(content: bytes, at: datetime) -> Iterator[PeerRate]:
    """Every rate in force at an instant; a threshold itself is still the tier below."""
    for provider, models in json.loads(content, parse_float=Decimal)["prices"].items():
        for model, services in models.items():
            for service in SERVICES:
                yield from _of_service(provider, model, service, services.get(service, []), at)


def _of_service(
    provider: str, model: str, service: str, entries: list[dict[str, Any]], at: datetime
) -> Iterator[PeerRate]:
    begun = [each for each in entries if each["start"] is None or datetime.fromisoformat(each["start"]) <= at]
    stated = begun[-1]["rates"] if begun else None
    if not stated:
        return
    copied = stated["valid_from_basis"] == COPIED
    since = stated["valid_from"][:10] if stated["valid_from_basis"] == "documented" else ""
    source, origin = ("", "models.dev") if copied else (stated["source"], "")
    multiple = stated.get("cache_write_1h_multiple")
    for prompt, tier in [(1_000, stated), *((each["above"] + 1, each) for each in stated.get("tiers", ()))]:
        # some numbers are products of floats: nine decimals are what they can be trusted for
        rates = {line: round(Decimal(tier[line]), 9) for line in LINES if line in tier}
        if multiple is not None and "cache_write" in tier:
            rates[LONG_WRITES.get(provider, "cache_write:1h")] = multiple * tier["input"]
        for line, value in rates.items():
            yield PeerRate(folder_of(provider), model, service, prompt, line, value, since, source, origin)
