"""BerriAI/litellm's price file, installed or given (model_prices_and_context_window*.json): its rates in our words."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from ...catalog.spellings import folder_of
from ..datasets import PeerRate

PATTERN = "litellm/model_prices_and_context_window_backup.json"
PROVIDERS = frozenset(
    "anthropic azure azure_ai baseten bedrock_converse bedrock_mantle dashscope databricks deepinfra deepseek "
    "fireworks_ai gemini github_copilot groq meta minimax mistral moonshot novita openai perplexity together_ai "
    "vertex_ai-embedding-models vertex_ai-language-models xai zai".split()
)
"""The sellers, as the file calls them, whose rates are compared."""
LINES = {
    "input_cost_per_token": "input",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write:1h",
    "output_cost_per_token": "output",
    "input_cost_per_audio_token": "audio.input",
    "cache_read_input_audio_token_cost": "audio.cache_read",
    "output_cost_per_audio_token": "audio.output",
    "input_cost_per_image_token": "image.input",
    "output_cost_per_image_token": "image.output",
    "input_cost_per_video_token": "video.input",
    "output_cost_per_video_token": "video.output",
}
SERVICES = {"": "standard", "_batches": "batch", "_flex": "flex", "_priority": "priority", "_decisions": "decisions"}
KEY = re.compile(rf"({'|'.join(LINES)})(?:_above_(\d+)k_tokens)?({'|'.join(filter(None, SERVICES))})?")
MODES = ("chat", "responses", "embedding", "image_generation", "realtime")
"""The kinds of models that are sold by the token; others are sold by the call, the second or the character."""
MILLION = 1_000_000
"""Its rates are floats per token: nine decimals per 1M tokens are what they can be trusted for."""


def rates(content: bytes, at: datetime) -> Iterator[PeerRate]:
    """Every rate by the token, the file having no dates; a threshold itself is still the tier below."""
    for name, entry in json.loads(content, parse_float=Decimal).items():
        seller = entry.get("litellm_provider") if isinstance(entry, dict) else None
        if seller in PROVIDERS and entry.get("mode") in MODES:
            model = name.partition("/")[2] or name
            if name.startswith("bedrock_mantle/anthropic."):
                model = f"us.{model}"  # an endpoint in a Region: the plain id costs there what `us.` does elsewhere
            yield from _of_model(folder_of(seller), model, entry)


def _of_model(provider: str, model: str, entry: dict[str, Any]) -> Iterator[PeerRate]:
    for key, value in entry.items():
        match = KEY.fullmatch(key)
        if not match or not isinstance(value, Decimal | int):
            continue
        line, above, service = match.groups()
        prompt = int(above) * 1000 + 1 if above else 1_000
        rate = round(Decimal(value) * MILLION, 9)
        # Databricks prints DBU per 1M tokens, at 0.07 USD, to three decimals, and large ones to four digits
        dbu = max(Decimal("0.0005") * Decimal("0.07"), rate / 2_000)
        within = dbu if provider == "databricks" else Decimal()
        yield PeerRate(provider, model, SERVICES[service or ""], prompt, LINES[line], rate, within=within)
