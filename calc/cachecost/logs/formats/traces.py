"""Published traces of requests: a time and two lengths, of some also a session or ids of the prompt's blocks.

Azure's of 2023 and 2024: https://github.com/Azure/AzurePublicDataset. BurstGPT: https://github.com/HPMLL/BurstGPT,
where a request without an answer failed. Mooncake and those who write like it:
https://github.com/kvcache-ai/Mooncake/tree/main/FAST25-release, with chained ids of blocks of 512 tokens;
`input_tokens`, `output_tokens` and `created_time` are other names for the same.
"""

from datetime import datetime

from ...errors import BadLog
from ...prices.usage import Usage
from ...replay.request import Doubt, Item, Request
from ..declared import Rule, flat
from ..flat import Fields
from ..format import Format, Record
from ..prefixes import BLOCK, blocks, fits
from ..values import EPOCH, after, count, decimal, first, needed, text

NO_PREFIX = "nothing says which requests share a prefix: what caching would have cost is bounded"
INPUT, OUTPUT = ("input_length", "input_tokens"), ("output_length", "output_tokens")


def _since_begin(value: object) -> datetime | None:
    """The instant so many milliseconds after the trace began, taken as 1970."""
    number = decimal(value)
    if value is not None and number is None:
        raise BadLog("timestamp: expected milliseconds since the trace began")
    return None if number is None else after(EPOCH, int(number * 1000), "timestamp")


def _mooncake(record: Record) -> list[Item]:
    input_key, answered = (next((key for key in keys if key in record), keys[0]) for keys in (INPUT, OUTPUT))
    prompt, path = needed(record, input_key), blocks(record.get("hash_ids"))
    request = Request(
        at=_since_begin(first(record, ("timestamp", "created_time"))),
        model=text(record, "model"),
        usage=Usage(input=prompt, output=count(record, answered)),
        session=text(record, "session_id") or text(record, "chat_id") or None,
        id=text(record, "request_id") or None,
        blocks=path,
    )
    if path and not fits(path, prompt):
        return [request, Doubt(f"{len(path)} blocks are not a prompt of {prompt:,} tokens in blocks of {BLOCK}")]
    return [request]


AZURE = flat(
    "azure",
    "ContextTokens GeneratedTokens",
    Fields(at="TIMESTAMP", input="ContextTokens", output="GeneratedTokens"),
    note=NO_PREFIX,
)
BURSTGPT = flat(
    "burstgpt",
    lambda record: "Request tokens" in record and "Response tokens" in record,
    Fields(
        at="Timestamp",  # seconds since the trace began, as if that was 1970
        input="Request tokens",
        output="Response tokens",
        model="Model",
        session="Session ID",
    ),
    skips=[Rule("Response tokens", "^(0([.]0*)?)?$", "a failed request: no answer")],
)._replace(declared=None)  # a database would take no such number for an instant
MOONCAKE = Format(
    "mooncake",
    lambda record: "hash_ids" in record or ("input_length" in record and "output_length" in record),
    _mooncake,
)
