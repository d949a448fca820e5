"""litellm (https://github.com/BerriAI/litellm), which has one price for all days: that of its release."""

import logging
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm
from litellm.cost_calculator import batch_cost_calculator
from litellm.types.utils import CacheCreationTokenDetails, PromptTokensDetailsWrapper, Usage

logging.disable()
litellm.suppress_debug_info = True
SERVICES = {"standard": None}
PROVIDERS = {
    "google": "gemini",
    "google-vertex": "vertex_ai",
    "fireworks": "fireworks_ai",
    "together": "together_ai",
    "alibaba": "dashscope",
    "doubao": "volcengine",
}


def price(case):
    used, service = case["usage"], case["service"]
    if used.keys() & {"storage_token_hours", "creation", "video", "image"} or "region" in case:
        return None
    reads, writes, audio = used.get("cache_read", 0), used.get("cache_write", 0), used.get("audio", {})
    reads = sum(reads.values()) if isinstance(reads, dict) else reads
    lived = writes if isinstance(writes, dict) else {"5m": writes}
    if audio.keys() - {"input"} or "fees" in used or lived.keys() - {"5m", "30m", "1h"}:
        return None
    written = sum(lived.values())
    prompt = used.get("input", 0) + reads + written + audio.get("input", 0)
    hour = lived.get("1h", 0)
    details = CacheCreationTokenDetails(ephemeral_5m_input_tokens=written - hour, ephemeral_1h_input_tokens=hour)
    answer = used.get("output", 0) + used.get("reasoning", 0)
    usage = Usage(
        prompt_tokens=prompt,
        completion_tokens=answer,
        total_tokens=prompt + answer,
        reasoning_tokens=used.get("reasoning"),
        cache_read_input_tokens=reads,
        cache_creation_input_tokens=written,
        prompt_tokens_details=PromptTokensDetailsWrapper(
            cached_tokens=reads,
            audio_tokens=audio.get("input", 0),
            cache_creation_tokens=written,
            cache_creation_token_details=details if hour else None,
        ),
    )
    asked = {"model": case["model"], "custom_llm_provider": PROVIDERS.get(case["provider"], case["provider"])}
    if service == "batch":
        return sum(batch_cost_calculator(usage, **asked))
    return sum(litellm.cost_per_token(**asked, usage_object=usage, service_tier=SERVICES.get(service, service)))
