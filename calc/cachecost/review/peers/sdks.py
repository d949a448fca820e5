"""Vendors' own SDKs: what a request may ask for and what usage counts, as texts; a new one is a new thing to price.

`usage ttl_12h_tokens` of openai 3.45.0 was the first sign of its 12-hour writes.
"""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

from ...errors import BadDocument
from .package import files_of

SDKS = {
    "openai": ("openai", "openai/types/*.py"),
    "anthropic": ("anthropic", "anthropic/types/*.py"),
    "google-genai": ("google", "google/genai/types.py"),
    "botocore": ("bedrock", "botocore/data/bedrock-runtime/*/service-2.json.gz"),
}
"""By package: whose it is, and the files that declare requests and answers."""

_FIELDS = r"ttl|service_tier|speed|prompt_cache_retention|inference_geo"
_LITERAL = re.compile(rf"^ +({_FIELDS}): [^=\n]*?Literal\[([^\]]*)\]", re.MULTILINE)
_ENUM = re.compile(r"^class (ServiceTier|TrafficType)\b.*:\n((?: {2,}.*\n|\n)*)", re.MULTILINE)
_USAGE = re.compile(r"^class \w*(?:Usage|CacheCreation|TokensDetails)\w*\(.*\):\n((?: {2,}.*\n|\n)*)", re.MULTILINE)
_COUNT = re.compile(r"^ {2,4}(\w*(?:tokens?|token_count|requests))(?:_details)?: ", re.MULTILINE)
_MEMBER = re.compile(r"^ {2,4}\w+ = [\"']([\w.-]+)[\"']", re.MULTILINE)
_TEXT = re.compile(r"[\"']([\w.-]+)[\"']")


def terms(path: Path | None, package: str) -> Iterator[str]:
    """Everything of that kind in a release: `service_tier "flex"`, `usage cache_read_input_tokens`."""
    for content in files_of(path, package=package, pattern=SDKS[package][1]):
        if package == "botocore":
            yield from _of_service(content)
            continue
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
    try:
        shapes = json.loads(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)["shapes"].items()
        enums = [
            (name, shape.get("enum", ())) for name, shape in shapes if name.endswith(("TTL", "TierType", "Latency"))
        ]
        counts = [[*shape["members"]] for name, shape in shapes if name in ("TokenUsage", "CacheDetail")]
    except (OSError, EOFError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadDocument(f"botocore: service-2.json cannot be read ({error}); expected that of a release") from None
    yield from (f'{name} "{value}"' for name, values in enums for value in values)
    yield from (f"usage {name}" for names in counts for name in names)
