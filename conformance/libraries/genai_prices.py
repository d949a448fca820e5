"""genai-prices (https://github.com/pydantic/genai-prices), which knows dates and services, not rent or regions."""

import warnings
from datetime import UTC, datetime

from genai_prices import Usage, calc_price

PROVIDERS = {"xai": "x-ai", "moonshot": "moonshotai", "bedrock": "aws", "zhipu": "zhipuai", "google-vertex": "google"}
SERVICES = {"batch": {"processing": "batch"}}
WRITES = {"5m": "cache_write_tokens", "30m": "cache_write_tokens", "1h": "cache_write_1h_tokens"}
warnings.simplefilter("ignore")


def price(case):
    used, service = dict(case["usage"]), case["service"]
    if "region" in case or used.keys() & {"storage_token_hours", "creation", "video"}:
        return None
    audio, image, writes = used.pop("audio", {}), used.pop("image", {}), used.get("cache_write", 0)
    if image or (isinstance(writes, dict) and not writes.keys() <= WRITES.keys()):
        return None
    reads = used.get("cache_read", 0)
    reads = sum(reads.values()) if isinstance(reads, dict) else reads
    lived = writes if isinstance(writes, dict) else {"5m": writes}
    written = sum(lived.values())
    counts = {
        "input_tokens": used.get("input", 0) + reads + written + audio.get("input", 0) + audio.get("cache_read", 0),
        "cache_read_tokens": reads + audio.get("cache_read", 0),
        "cache_write_tokens": written,  # those for an hour are counted here too
        "cache_write_1h_tokens": lived.get("1h", 0),
        "output_tokens": used.get("output", 0) + used.get("reasoning", 0) + audio.get("output", 0),
        "output_reasoning_tokens": used.get("reasoning", 0),
        "input_audio_tokens": audio.get("input", 0) + audio.get("cache_read", 0),
        "cache_audio_read_tokens": audio.get("cache_read", 0),
        "output_audio_tokens": audio.get("output", 0),
        "web_searches": used.get("fees", {}).get("web_search", 0),
    }
    at = datetime.fromisoformat(case["at"])
    how = {} if service == "standard" else SERVICES.get(service, {"service_tier": service})
    return calc_price(
        Usage(**{name: count for name, count in counts.items() if count}),
        case["model"],
        provider_id=PROVIDERS.get(case["provider"], case["provider"]),
        genai_request_timestamp=at if at.tzinfo else at.replace(tzinfo=UTC),
        price_context=how or None,
    ).total_price
