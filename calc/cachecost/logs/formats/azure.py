"""Azure's inference traces of 2023 and 2024: a time and two lengths; nothing says what prompts share.

https://github.com/Azure/AzurePublicDataset
"""

from __future__ import annotations

from ...prices.usage import Usage
from ...replay.request import Item, Request
from ..format import Format, Record
from ..values import count, instant, needed

NO_PREFIX = "nothing says which requests share a prefix: what caching would have cost is bounded"


def detect(record: Record) -> bool:
    return "ContextTokens" in record and "GeneratedTokens" in record


def read(record: Record) -> list[Item]:
    used = Usage(input=needed(record, "ContextTokens"), output=count(record, "GeneratedTokens"))
    return [Request(at=instant(record.get("TIMESTAMP"), "TIMESTAMP"), model="", usage=used)]


FORMAT = Format("azure", detect, read, note=NO_PREFIX)
