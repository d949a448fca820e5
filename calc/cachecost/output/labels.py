"""What people read where answers have identifiers: strategies, causes of losses, reasons to leave a model out."""

import re
from collections import Counter
from collections.abc import Collection
from datetime import timedelta

from ..prices.sheet import PriceSheet
from ..strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, KEPT, SECOND_SIGHT, STORED, WRITTEN, parsed
from ..units import duration as duration_of
from .figures import duration

TIERS = {"hbm": "GPU memory", "ram": "RAM", "nvme": "NVMe"}
"""Where a self-hosted machine keeps a cache."""
POLICIES = {
    FRESH: "no cache",
    AUTOMATIC: "automatic cache",
    STORED: "stored cache (rent by the hour)",
    KEPT: "cache kept in {tier}",
    WRITTEN: "{ttl} cache",
    KEEP_ALIVE: "{ttl} cache + pings",
    SECOND_SIGHT: "{ttl} cache from the 2nd request",
    "clairvoyant": "best possible",
    "same hits": "the same hits",
}
"""Kind of strategy -> its name in tables and reports."""
KINDS = {
    "input": "plain input",
    "cache_write": "cache writes",
    "cache_read": "cache reads",
    "storage": "cache storage",
    "output": "output",
    "fees": "fees",
}
"""Class of tokens -> its name in a picture."""
LINES = {"creation": "cache creation", "storage": "cache storage"}
"""Line of a bill -> its name in tables, where that is not the identifier with blanks."""
LOST_TO = {
    "expiry": "caches that expired",
    "early eviction": "caches written again while still alive",
    "model switch": "switches of model or speed",
    "changed prefix": "changed prefixes",
    "compaction": "compacted prompts",
    "writes never read": "caches never read",
    "prompts under the minimum": "prompts too short to cache",
}
"""Cause of a loss -> what people read."""
_CLAUDE = 'set cache_control: {"type": "ephemeral", "ttl": "{ttl}"} on the last block that stays the same'
SETTINGS = {
    # https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    ("anthropic", WRITTEN): _CLAUDE,
    # https://code.claude.com/docs/en/prompt-caching
    ("anthropic", f"{WRITTEN}:1h"): f"{_CLAUDE}, in Claude Code ENABLE_PROMPT_CACHING_1H=1",
    ("anthropic", FRESH): "leave out cache_control",
    # https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/prompt-caching
    ("google-vertex", WRITTEN): _CLAUDE,
    # https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
    ("bedrock", WRITTEN): 'add {"cachePoint": {"type": "default", "ttl": "{ttl}"}} behind what stays the same',
    # https://developers.openai.com/api/docs/guides/prompt-caching: from GPT-5.6 on; prompt_cache_retention before
    ("openai", WRITTEN): 'set prompt_cache_options: {"ttl": "{ttl}"} and a prompt_cache_key for each session',
    # https://ai.google.dev/gemini-api/docs/caching
    ("google", STORED): 'store the prefix with caches.create(config={"ttl": ...}) and name it in cached_content',
}
"""Provider and strategy, or its kind -> what to set in requests."""
ALSO = {
    KEEP_ALIVE: ", and repeat an idle session's request with max_tokens: 1 before the TTL ends",
    SECOND_SIGHT: ", but only from the second request with the same prefix on",
}
"""Kind of strategy -> what else to do."""
CREATION = {
    "free": "creation is free",
    "input": "creation is billed at the input rate",
    "rate": "creation is billed at its own rate",
}
LEFT_OUT = {
    "withdrawn": "withdrawn",
    "not-in-force": "not yet sold then",
    "not-sold": "that do not sell it",
    "not-known": "whose rates for it are not known then",
    "not-yet-sold": "that do not sell it yet",
    "no-longer-sold": "that no longer sell it",
    "context": "with a smaller context",
    "input": "with a smaller context",
    "output": "with shorter answers",
    "currency": "in another currency",
    "bad-workload": "for which it cannot be worked out",
}
"""Kind of a reason -> the models that it is about, behind their number."""


def policy(name: str) -> str:
    """The name of a strategy for people: `5-min cache`, `no cache`, `automatic cache, 1-hour`."""
    kind, sold, length, ttl = parsed(name)
    label = POLICIES.get(kind, name)
    if kind == KEPT:
        label = label.format(tier=_tier(sold))
    if not length:
        return label.format(ttl=ttl)
    ttl = _adjective(length)
    return label.format(ttl=ttl) if "{ttl}" in label else f"{label}, {ttl}"


def _tier(name: str) -> str:
    tier = name.partition(":")[2]
    return TIERS.get(tier, tier)


def _adjective(length: timedelta) -> str:
    """`5-min`, `1-hour`."""
    return duration(length).replace(" h", "-hour").replace(" min", "-min")


def short_policy(name: str) -> str:
    """The same in a column of caches: `automatic`, `5-min cache`, `stored cache`."""
    label = policy(name).partition(" (")[0]
    return label.removesuffix(" cache") if label == POLICIES[AUTOMATIC] else label


def a_policy(name: str) -> str:
    """The same in a sentence: `a 1-hour cache`, `no cache`, `the same hits`."""
    label = policy(name)
    return label if label.startswith(("no ", "the ")) else f"{'an' if label[0] == 'a' else 'a'} {label}"


def served(strategy: str, hold: timedelta | None = None) -> str:
    """Behind what queries cost: `without a cache`, `with a 5-min cache`, `with a stored cache for 1 h` where it is held
    for so long."""
    kind, _, _, ttl = parsed(strategy)
    if kind in (STORED, KEPT) and hold and not ttl:
        return f"with a {short_policy(strategy)} for {duration(hold)}"
    return "without a cache" if kind == FRESH else f"with {a_policy(strategy)}"


def line_of_bill(name: str) -> str:
    """The name of a line of a bill for people: `cache read`, `cache write, 1-hour`, `audio: input`, `fee: request`."""
    first, mark, rest = re.fullmatch("(.*?)([.:]|$)(.*)", name).groups()  # type: ignore[union-attr]  # all texts match
    if first == KEPT:
        return f"kept in {_tier(name)}"
    label = LINES.get(first, first.replace("_", " "))
    if mark == ".":
        return f"{label}: {line_of_bill(rest)}"
    return f"{label}, {_adjective(duration_of(rest)) if rest[0].isdigit() else rest}" if rest else label


def how_to_set(model: str, name: str) -> str:
    """What to set so that requests of a model are cached under a policy; nothing where a vendor has no such setting."""
    provider, (kind, written, _, ttl) = model.partition("/")[0], parsed(name)
    settings = (SETTINGS.get((provider, each)) for each in (written, written.partition(":")[0]))
    setting = next(filter(None, settings), "")
    return setting.replace("{ttl}", ttl) + ALSO.get(kind, "") if setting else ""


def names_of(sheets: Collection[PriceSheet]) -> dict[str, str]:
    """The name for people of each model, by its id; with its provider where others have the same name, and the id where
    even that does not tell them apart."""
    names = {sheet.id: sheet.name for sheet in sheets}
    for longer in ({sheet.id: f"{sheet.name} ({sheet.provider})" for sheet in sheets}, {s.id: s.id for s in sheets}):
        seen = Counter(names.values())
        names = {model: longer[model] if seen[name] > 1 else name for model, name in names.items()}
    return names
