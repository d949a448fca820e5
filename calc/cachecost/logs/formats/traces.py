"""Published traces of requests: a time and two lengths, of some also a session or ids of the prompt's blocks.

Azure's of 2023 and 2024: https://github.com/Azure/AzurePublicDataset. BurstGPT: https://github.com/HPMLL/BurstGPT,
where a request without an answer failed. Mooncake and those who write like it:
https://github.com/kvcache-ai/Mooncake/tree/main/FAST25-release, with chained ids of blocks of 512 tokens;
`input_tokens`, `output_tokens` and `created_time` are other names for the same.
"""

from datetime import datetime

from ...errors import BadLog
from ...prices.usage import Usage
from ...replay.request import Doubt, Item, Request, Skipped
from ..declared import flat
from ..flat import Fields, requests
from ..format import Format, Record
from ..prefixes import BLOCK, blocks, fits
from ..values import EPOCH, after, count, decimal, first, needed, text

NO_PREFIX = "nothing says which requests share a prefix: what caching would have cost is bounded"
INPUT, OUTPUT = ("input_length", "input_tokens"), ("output_length", "output_tokens")


def _since_begin(value: object, key: str, unit: str, microseconds: int) -> datetime:
    """The instant so many units after the trace began, taken as 1970."""
    number = decimal(value)
    if number is None:
        raise BadLog(f"{key}: expected {unit} since the trace began")
    return after(EPOCH, int(number * microseconds), key)


IN_BURSTGPT = Fields(input="Request tokens", output="Response tokens", model="Model", session="Session ID")


def _burstgpt(record: Record) -> list[Item]:
    if not count(record, IN_BURSTGPT.output):
        return [Skipped("a failed request: no answer")]
    return requests(record, IN_BURSTGPT, at=_since_begin(record.get("Timestamp"), "Timestamp", "seconds", 10**6))


def _mooncake(record: Record) -> list[Item]:
    input_key, answered = (next((key for key in keys if key in record), keys[0]) for keys in (INPUT, OUTPUT))
    prompt, path = needed(record, input_key), blocks(record.get("hash_ids"))
    time = first(record, ("timestamp", "created_time"))
    request = Request(
        at=None if time is None else _since_begin(time, "timestamp", "milliseconds", 1000),
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
BURSTGPT = Format("burstgpt", lambda record: "Request tokens" in record and "Response tokens" in record, _burstgpt)
MOONCAKE = Format(
    "mooncake",
    lambda record: "hash_ids" in record or ("input_length" in record and "output_length" in record),
    _mooncake,
)
