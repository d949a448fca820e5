"""AWS's price list of Bedrock, from a file: on-demand rates of us-east-1 in our words.

https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonBedrock/current/us-east-1/index.json has Amazon's models,
AmazonBedrockFoundationModels those of other makers. A product says in its usage type what it meters:
`USE1-NovaPro-cache-read-input-token-count`, `USE1-MP:USE1_CacheReadInputTokenCount_Global-Units`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..datasets import PeerRate

PATTERN = "index.json"
_LINES = {
    "write1h": "cache_write:1h",
    "write": "cache_write",
    "read": "cache_read",
    "output": "output",
    "input": "input",
}
"""By the first of these words that a usage type has."""
_SERVICES = ("batch", "flex", "priority")
_OTHERWISE = {"reserved", "tpm", "lctx", "ctx", "optimized", "training", "customization", "fast"}
"""Words of what is billed by something else than its tokens alone."""
_UNITS = {"1K tokens": 1_000, "1M tokens": 1, "Units": 1}
"""How many units of the list are 1M tokens."""


def rates(content: bytes, at: datetime) -> Iterable[PeerRate]:
    """Every rate by token. Where a model is sold for all Regions together as well, that is the plain rate."""
    offer = json.loads(content)
    chosen: dict[tuple[str, str, str], PeerRate] = {}
    for sku, product in offer["products"].items():
        for everywhere, rate in _of_product(product["attributes"], offer["terms"]["OnDemand"].get(sku, {})):
            key = (rate.model, rate.service, rate.line)
            if key not in chosen or everywhere:
                chosen[key] = rate
    return chosen.values()


def _of_product(attributes: dict[str, str], terms: dict[str, Any]) -> Iterator[tuple[bool, PeerRate]]:
    words = re.split("[-_ ]", re.sub("(?<=[a-z0-9])(?=[A-Z])", "-", attributes["usagetype"]).lower())
    line = next((_LINES[word] for word in _LINES if word in words), None)
    name = attributes.get("model") or attributes.get("servicename", "").partition(" (Amazon Bedrock Edition)")[0]
    everywhere = "global" in words
    if words[0] != "use1" or line is None or not name or not {"token", "tokens"} & {*words} or _OTHERWISE & {*words}:
        return
    if "cross" in words and not everywhere:
        return  # the rates of one group of Regions
    service = next((word for word in _SERVICES if word in words), "standard")
    model = re.sub("[ .]", "-", name.lower())
    for term in terms.values():
        for dimension in term["priceDimensions"].values():
            if (units := _UNITS.get(dimension["unit"])) and "USD" in dimension["pricePerUnit"]:
                value = Decimal(dimension["pricePerUnit"]["USD"]) * units
                page = "https://aws.amazon.com/bedrock/pricing/"
                yield everywhere, PeerRate("bedrock", model, service, 1_000, line, value, source=page)
