"""What the words of answers mean, with the life of a cache as a picture."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import NamedTuple

from ...errors import BadUsage
from ...strategies.names import parsed
from ..labels import POLICIES, policy
from ..records import Answered, Fields, Text, fields, of, record, records, rows
from ..reply import Page, Reply
from ..screen import Screen


class Meaning(NamedTuple):
    """A word, the other words by which people ask for it, and what it means."""

    word: str
    also: tuple[str, ...]
    text: str

    @property
    def label(self) -> str:
        """What tables and reports call it: a strategy has a label for people."""
        return policy(self.word) if parsed(self.word).kind in POLICIES else self.word

    @property
    def title(self) -> str:
        return self.word if self.label == self.word else f"{self.word}: {self.label}"


PICTURE = """\
  write         read    read                         query
    │             │       │                            │
    ▼             ▼       ▼             expiry         ▼
    ████████████████████████████████████┤              ████████████
                          └──── TTL ────┘              write again
    └──────────── storage ──────────────┘
                  rent, of a stored cache only"""
"""A cache that each read keeps alive for its TTL once more, and that expires when no query comes in time."""

GLOSSARY = (
    Meaning(
        "cache write",
        ("write", "written", "cache_write"),
        "The first query sends the whole context and has the vendor keep it. A write may cost more than plain input, "
        "for example 1.25 times as much.",
    ),
    Meaning(
        "cache read",
        ("read", "hit", "cache_read"),
        "A later query finds the context in the cache and pays a small part of the input price for it, often a tenth.",
    ),
    Meaning(
        "TTL",
        ("time to live", "lifetime", "expiry", "expires"),
        "How long an unused cache lives. Where reads refresh it, each read starts the time anew; a query that comes "
        "later finds nothing and writes again.",
    ),
    Meaning("storage", ("rent",), "Rent for a stored cache, per token and hour, whether it is read or not."),
    Meaning(
        "stored",
        ("stored cache", "stored:15m"),
        "A cache that you create once, pay by the hour and delete yourself, as Gemini's explicit cache. stored:15m is "
        "deleted when it has been idle for 15 minutes.",
    ),
    Meaning(
        "creation",
        ("create",),
        "What filling a stored cache costs. Vendors bill it as input or not at all; --creation says how where it is "
        "disputed.",
    ),
    Meaning(
        "fresh",
        ("uncached",),
        "No cache: every query sends the whole context at the input price. Everything else is compared with it.",
    ),
    Meaning(
        "automatic",
        ("implicit",),
        "The vendor finds repeated beginnings of prompts by itself. There is nothing to set, and no promise of a hit.",
    ),
    Meaning(
        "written:5m",
        ("written:1h", "1-hour cache", "explicit"),
        "A cache that a query marks, here for 5 minutes after its last use; written:1h lives for an hour "
        "and costs more to write.",
    ),
    Meaning(
        "keep-alive:5m",
        ("keep-alive", "ping", "pings"),
        "A short-lived cache kept alive by tiny requests (pings) before its TTL ends. Each ping is a cache read.",
    ),
    Meaning(
        "second-sight:5m",
        ("second-sight",),
        "Write the cache only when a context comes for the second time, so that one-time contexts pay no write price.",
    ),
    Meaning(
        "kept:ram",
        ("kept", "kept:hbm", "kept:nvme", "self-hosted"),
        "On a machine of your own: the cache stays in GPU memory (hbm), RAM or on disk (nvme) between queries.",
    ),
    Meaning(
        "clairvoyant",
        ("lower bound",),
        "The bill of a caller who knows every later query in advance: no policy without pings can cost less. It tells "
        "how much is left to gain.",
    ),
    Meaning(
        "break-even",
        ("pays for n", "breaks even", "break_even", "pays"),
        "The smallest number of queries at which the cached bill is not above the uncached one. `2+` means from 2 on.",
    ),
    Meaning(
        "savings",
        ("saved", "of at most", "savings_bound", "most that caching can save"),
        "What caching saves against `fresh`. `of at most` is the share that caching could save with infinitely many "
        "queries; questions and answers are never cached.",
    ),
    Meaning(
        "hit rate",
        ("hit share", "hit_share", "miss"),
        "The share of later queries that find the cache. Without --hit-share it follows from the TTL and from when "
        "queries come.",
    ),
    Meaning(
        "arrivals",
        ("every", "over", "rate", "poisson", "random", "even", "burst", "office"),
        "When queries come: one every 5m, spread over 8h, 12/h at random (poisson), in bursts (10@5m), or in the "
        "office hours of a time zone. It decides how many find the cache alive.",
    ),
    Meaning("hold", ("held",), "How long a stored cache stands before you delete it; its rent is paid for that time."),
    Meaning(
        "first-query",
        ("first_query", "reads", "creates"),
        "Whether a stored cache is created before the first query, which then reads it, or by the first query itself.",
    ),
    Meaning(
        "billed-per", ("billed_per",), "The unit of the rent: each started second, minute or hour is paid in full."
    ),
    Meaning(
        "generation",
        ("generate",),
        "How long an answer takes. Some vendors count the TTL from the end of the request, some from its start.",
    ),
    Meaning(
        "eviction",
        ("evicted",),
        "A cache that the vendor drops before its TTL ends. --eviction says which share is lost after which idle time.",
    ),
    Meaning(
        "service",
        ("batch", "flex", "priority", "standard"),
        "How urgently a request is served: standard, batch (slow and cheap), flex, priority. Each has its own rates.",
    ),
    Meaning(
        "minimum",
        ("min_tokens", "too short", "too_short"),
        "The shortest prompt that a vendor caches, for example 1,024 tokens. Shorter ones are billed as plain input.",
    ),
    Meaning(
        "tier",
        ("row", "long context"),
        "Rates of a prompt size. Cached tokens count too, and the tier of the whole prompt prices every token in it.",
    ),
    Meaning(
        "rate card",
        ("card", "rate", "effective"),
        "All rates of a model from one instant on. `google/gemini-2.5-pro@2026-10-14` names a card by model and day.",
    ),
    Meaning(
        "price sheet",
        ("sheet", "page", "catalogue"),
        "All rate cards of one model: a YAML page that names its sources and when they were seen.",
    ),
    Meaning(
        "lines",
        ("line item", "line items"),
        "The items of a bill, tokens times rate. --lines shows those of each strategy.",
    ),
    Meaning(
        "terms",
        ("discount", "contract"),
        "Prices that you have agreed with a vendor: a discount on every rate (--discount 15%), or a file (--terms).",
    ),
    Meaning(
        "token",
        ("tokens", "context", "prompt"),
        "The unit of text that is billed, about four characters of English. The context is what every query repeats.",
    ),
)
"""Every word, in the order in which a newcomer meets it."""


class MeaningRecord(Fields):
    """A word, its label in tables and reports, other names for it, and what it means."""

    word: Text
    label: Text
    other_names: list[Text] = of("also")
    meaning: Text = of("text")


class GlossaryRecord(Answered):
    """The words that were asked for, or all of them."""

    words: list[MeaningRecord]


def meanings(asked: str) -> Sequence[Meaning]:
    """The entry of a word, by whatever name it is asked for, or all entries; BadUsage where there is none."""
    if not asked.strip():
        return GLOSSARY
    wanted = _plain(asked)
    exact = [entry for entry in GLOSSARY if wanted in (_plain(entry.word), _plain(entry.label))]
    if known := [*exact, *(entry for entry in GLOSSARY if wanted in map(_plain, entry.also))]:
        return known[:1]
    close = difflib.get_close_matches(wanted, words(), 3)
    hint = f"did you mean {', '.join(close)}?" if close else "`cachecost explain` lists all words"
    raise BadUsage(f"{asked!r} is not in the glossary; {hint}", word="word")


def _plain(name: str) -> str:
    return name.strip().lower().lstrip("-").replace("_", "-").replace(" ", "-")


def words() -> list[str]:
    """Every word that has an entry."""
    return [entry.word for entry in GLOSSARY]


def reply(entries: Sequence[Meaning]) -> Reply:
    """Entries in every form; the whole glossary begins with the picture."""

    def draw(screen: Screen) -> None:
        if len(entries) > 1:
            screen.text(PICTURE)
            screen.text("")
        for entry in entries:
            screen.text(entry.title, "bold")
            screen.paragraph(f"  {entry.text}")

    plain = rows(fields(MeaningRecord), records(MeaningRecord, entries))
    return Reply(
        page=lambda: Page("", [plain], drawing=draw, airy=False),
        record=lambda: record(GlossaryRecord, None, words=entries),
        rows=lambda: plain,
    )
