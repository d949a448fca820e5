"""Published traces of requests: a time and two lengths, of some also a session or ids of the prompt's blocks.

Azure's of 2023 and 2024: https://github.com/Azure/AzurePublicDataset. BurstGPT: https://github.com/HPMLL/BurstGPT,
where a request without an answer failed. Mooncake and those who write like it:
https://github.com/kvcache-ai/Mooncake/tree/main/FAST25-release, with chained ids of blocks of 512 tokens;
`input_tokens`, `output_tokens` and `created_time` are other names for the same.
"""

from collections.abc import Mapping
from typing import Any

from ...errors import BadLog
from ..flat import Fields
from ..format import Format, Rule
from ..values import EPOCH, Record, after, decimal, first, instant

NO_PREFIX = "nothing says which requests share a prefix: what caching would have cost is bounded"


def _since_begin(record: Record) -> Mapping[str, Any]:
    """The instant so many milliseconds after the trace began, taken as 1970."""
    value = first(record, ("timestamp", "created_time"))
    number = decimal(value)
    if value is not None and number is None:
        raise BadLog("timestamp: expected milliseconds since the trace began")
    return {"at": None if number is None else after(EPOCH, int(number * 1000), "timestamp")}


AZURE = Format(
    "azure",
    "ContextTokens GeneratedTokens",
    Fields(at="TIMESTAMP", input="ContextTokens", output="GeneratedTokens"),
    note=NO_PREFIX,
)
BURSTGPT = Format(
    "burstgpt",
    fields=Fields(input="Request tokens", output="Response tokens", model="Model", session="Session ID"),
    is_ours=lambda record: "Request tokens" in record and "Response tokens" in record,
    more=lambda record: {"at": instant(record.get("Timestamp"))},  # seconds since the trace began, taken as 1970
    skips=(Rule("Response tokens", "^(0([.]0*)?)?$", "a failed request: no answer"),),
)
MOONCAKE = Format(
    "mooncake",
    fields=Fields(
        model="model",
        input="input_length|input_tokens",
        output="output_length|output_tokens",
        session="session_id|chat_id",
        id="request_id",
        blocks="hash_ids",
    ),
    is_ours=lambda record: "hash_ids" in record or ("input_length" in record and "output_length" in record),
    more=_since_begin,
)
