"""models.dev's `api.json` (https://models.dev/api.json), from a file: its rates in our words."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ...errors import BadDocument
from ..datasets import PeerRate
from .package import files_of

PACKAGE, PATTERN = "models.dev", "api.json"
PROVIDERS = {
    "amazon-bedrock": "bedrock",
    "fireworks-ai": "fireworks",
    "google-vertex-anthropic": "google-vertex",
    "moonshotai": "moonshot",
    "novita-ai": "novita",
    "togetherai": "together",
    "zhipuai": "zhipu",
}
LINES = {
    "input": "input",
    "cache_read": "cache_read",
    "cache_write": "cache_write",
    "output": "output",
    "input_audio": "audio.input",
    "output_audio": "audio.output",
}


def rates(path: Path | None, at: datetime) -> Iterator[PeerRate]:
    """Every rate, the file having no dates; a threshold itself is still the tier below."""
    for content in files_of(path, package=PACKAGE, pattern=PATTERN):
        try:
            for provider, entry in json.loads(content, parse_float=Decimal).items():
                for model, each in entry["models"].items():
                    yield from _of_cost(PROVIDERS.get(provider, provider), model, each.get("cost") or {})
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise BadDocument(f"{path}: cannot be read as models.dev's api.json: {error!r}") from None


def _of_cost(provider: str, model: str, cost: Mapping[str, Any]) -> Iterator[PeerRate]:
    """`tiers` name their size; the older `context_over_200k` repeats the one at 200,000."""
    tiers = [(each["tier"]["size"] + 1, each) for each in cost.get("tiers", ()) if each["tier"]["type"] == "context"]
    if not tiers and "context_over_200k" in cost:
        tiers = [(200_001, cost["context_over_200k"])]
    for prompt, tier in [(1_000, cost), *tiers]:
        for key, line in LINES.items():
            if key in tier:
                yield PeerRate(provider, model, "standard", prompt, line, Decimal(tier[key]))
