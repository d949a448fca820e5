"""model-prices (https://pypi.org/project/model-prices/): dated observations of vendors' pages, in our words."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ...errors import BadDocument
from ..datasets import PeerRate
from .package import files_of

PACKAGE, PATTERN = "model-prices", "model_prices/snapshot.json"
PROVIDERS = {
    "amazon-bedrock": "bedrock",
    "moonshotai": "moonshot",
    "tencent-tokenhub": "tencent",
    "volcengine": "doubao",
}
LINES = ("input", "cache_read", "cache_write", "output")
SERVICES = ("standard", "batch", "flex", "priority", "fast", "ultrafast")
LONG_WRITES = {"openai": "cache_write:12h"}
"""What `cache_write_1h_multiple` is of, where it is not a write of an hour: the column "12h write" of OpenAI's page. It
is stated for a provider, on all of its models; those that sell no write have none of this one either."""
COPIED = "models.dev commit"


def rates(path: Path | None, at: datetime) -> Iterator[PeerRate]:
    """Every rate in force at an instant; a threshold itself is still the tier below."""
    for content in files_of(path, package=PACKAGE, pattern=PATTERN):
        try:
            for provider, models in json.loads(content, parse_float=Decimal)["prices"].items():
                for model, services in models.items():
                    for service in SERVICES:
                        yield from _of_service(provider, model, service, services.get(service, []), at)
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise BadDocument(f"{path or PACKAGE}: cannot be read as {PATTERN}: {error!r}") from None


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
    ours = PROVIDERS.get(provider, provider)
    multiple = stated.get("cache_write_1h_multiple")
    for prompt, tier in [(1_000, stated), *((each["above"] + 1, each) for each in stated.get("tiers", ()))]:
        for line, value in _lines(tier, multiple, LONG_WRITES.get(provider, "cache_write:1h")):
            yield PeerRate(ours, model, service, prompt, line, value, since, source, origin)


def _lines(tier: Mapping[str, Any], multiple: Decimal | None, long_write: str) -> Iterator[tuple[str, Decimal]]:
    """Some numbers are products of floats: nine decimals are what they can be trusted for."""
    yield from ((line, round(Decimal(tier[line]), 9)) for line in LINES if line in tier)
    if multiple is not None and "cache_write" in tier:
        yield long_write, multiple * tier["input"]
