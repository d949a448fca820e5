"""Vendors' own SDKs: what a request may ask for and what usage counts, as texts; a new one is a new thing to price.

`usage ttl_12h_tokens` of openai 3.45.0 was the first sign of its 12-hour writes.
"""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

from .package import parsed

SDKS = {
    "openai": "openai/types/*.py",
    "anthropic": "anthropic/types/*.py",
    "google-genai": "google/genai/types.py",
    "botocore": "botocore/data/bedrock-runtime/*/service-2.json.gz",
}
"""By package: the files that declare requests and answers."""

_FIELDS = r"ttl|service_tier|speed|prompt_cache_retention|inference_geo"
_LITERAL = re.compile(rf"^ +({_FIELDS}): [^=\n]*?Literal\[([^\]]*)\]", re.MULTILINE)
_ENUM = re.compile(r"^class (ServiceTier|TrafficType)\b.*:\n((?: {2,}.*\n|\n)*)", re.MULTILINE)
_USAGE = re.compile(r"^class \w*(?:Usage|CacheCreation|TokensDetails)\w*\(.*\):\n((?: {2,}.*\n|\n)*)", re.MULTILINE)
_COUNT = re.compile(r"^ {2,4}(\w*(?:tokens?|token_count|requests))(?:_details)?: ", re.MULTILINE)
_MEMBER = re.compile(r"^ {2,4}\w+ = [\"']([\w.-]+)[\"']", re.MULTILINE)
_TEXT = re.compile(r"[\"']([\w.-]+)[\"']")


def terms(path: Path | None, package: str) -> Iterator[str]:
    """Everything of that kind in a release: `service_tier "flex"`, `usage cache_read_input_tokens`."""
    parse = _of_service if package == "botocore" else _of_types
    return parsed(path, parse, package=package, pattern=SDKS[package])


def _of_types(content: bytes) -> Iterator[str]:
    source = content.decode(errors="replace")
    for field, values in _LITERAL.findall(source):
        yield from (f'{field} "{value}"' for value in _TEXT.findall(values))
    for name, body in _ENUM.findall(source):
        yield from (f'{name} "{value}"' for value in _MEMBER.findall(body))
    for body in _USAGE.findall(source):
        yield from (f"usage {name}" for name in _COUNT.findall(body))


def _of_service(content: bytes) -> Iterator[str]:
    """The same of AWS's description of a service, which is JSON, packed in a release:
    https://github.com/boto/botocore/tree/develop/botocore/data/bedrock-runtime."""
    packed = content[:2] == b"\x1f\x8b"
    for name, shape in json.loads(gzip.decompress(content) if packed else content)["shapes"].items():
        if name.endswith(("TTL", "TierType", "Latency")):
            yield from (f'{name} "{value}"' for value in shape.get("enum", ()))
        if name in ("TokenUsage", "CacheDetail"):
            yield from (f"usage {each}" for each in shape["members"])
