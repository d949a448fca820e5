"""models.dev's `api.json` (https://models.dev/api.json), from a file: its rates in our words."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ...catalog.spellings import folder_of
from ..datasets import PeerRate

PATTERN = "api.json"
LINES = {
    "input": "input",
    "cache_read": "cache_read",
    "cache_write": "cache_write",
    "output": "output",
    "input_audio": "audio.input",
    "output_audio": "audio.output",
}


def rates(content: bytes, at: datetime) -> Iterator[PeerRate]:
    """Every rate, the file having no dates; a threshold itself is still the tier below."""
    for provider, entry in json.loads(content, parse_float=Decimal).items():
        for model, each in entry["models"].items():
            yield from _of_cost(folder_of(provider), model, each.get("cost") or {})


def _of_cost(provider: str, model: str, cost: Mapping[str, Any]) -> Iterator[PeerRate]:
    """`tiers` name their size; the older `context_over_200k` repeats the one at 200,000."""
    tiers = [(each["tier"]["size"] + 1, each) for each in cost.get("tiers", ()) if each["tier"]["type"] == "context"]
    if not tiers and "context_over_200k" in cost:
        tiers = [(200_001, cost["context_over_200k"])]
    for prompt, tier in [(1_000, cost), *tiers]:
        for key, line in LINES.items():
            if key in tier:
                yield PeerRate(provider, model, "standard", prompt, line, Decimal(tier[key]))
