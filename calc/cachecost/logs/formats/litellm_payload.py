"""The payload that LiteLLM hands to its callbacks: as its spend log, with times in seconds and the cost taken apart.

https://docs.litellm.ai/docs/proxy/logging_spec
"""

from __future__ import annotations

from ...replay.request import Item
from ..format import Format, Record
from .litellm_spend import request


def detect(record: Record) -> bool:
    return "response_cost" in record and "prompt_tokens" in record


def read(record: Record) -> list[Item]:
    return request(record, paid="response_cost", identity="id")


FORMAT = Format("litellm_payload", detect, read)
