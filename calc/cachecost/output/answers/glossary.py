"""What the words of answers mean, with the life of a cache as a picture."""

import difflib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ...errors import BadUsage
from ...strategies.names import parsed
from ..labels import POLICIES, policy
from ..records import Answered, RecordFields, Text, fields, of, record, records, rows
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


PICTURE = """\
  write         read    read                         query
    │             │       │                            │
    ▼             ▼       ▼             expiry         ▼
    ████████████████████████████████████┤              ████████████
                          └──── TTL ────┘              write again
    └──────────── storage ──────────────┘
                  rent, of a stored cache only"""
"""A cache that each read keeps alive for its TTL once more, and that expires when no query comes in time."""

_ENTRIES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
GLOSSARY = tuple(Meaning(word, tuple(entry["also"]), entry["text"]) for word, entry in _ENTRIES.items())
"""Every word, in the order in which a newcomer meets it."""


class MeaningRecord(RecordFields):
    """A word, its label in tables and reports, other names for it, and what it means."""

    word: Text
    label: Text
    other_names: list[Text] = of("also")
    meaning: Text = of("text")


class GlossaryRecord(Answered):
    """The words that were asked for, or all of them."""

    words: list[MeaningRecord] = of(lambda entries: entries)


def meanings(word: str) -> Sequence[Meaning]:
    """The entry of a word, by whatever name it is asked for, or all entries; BadUsage where there is none."""
    if not word.strip():
        return GLOSSARY
    wanted = _plain(word)
    exact = [entry for entry in GLOSSARY if wanted in (_plain(entry.word), _plain(entry.label))]
    if known := [*exact, *(entry for entry in GLOSSARY if wanted in map(_plain, entry.also))]:
        return known[:1]
    close = difflib.get_close_matches(wanted, [entry.word for entry in GLOSSARY], 3)
    hint = f"did you mean {', '.join(close)}?" if close else "`cachecost explain` lists all words"
    raise BadUsage(f"{word!r} is not in the glossary; {hint}", word="word")


def _plain(name: str) -> str:
    return name.strip().lower().lstrip("-").replace("_", "-").replace(" ", "-")


def reply(entries: Sequence[Meaning]) -> Reply:
    """Entries in every form; the whole glossary begins with the picture."""

    def draw(screen: Screen) -> None:
        if len(entries) > 1:
            screen.text(PICTURE)
            screen.text("")
        for entry in entries:
            screen.text(": ".join(dict.fromkeys((entry.word, entry.label))), "bold")
            screen.paragraph(f"  {entry.text}")

    plain = rows(fields(MeaningRecord), records(MeaningRecord, entries))
    return Reply(
        page=lambda: Page("", [plain], drawing=draw, airy=False),
        record=lambda: record(GlossaryRecord, entries),
        rows=lambda: plain,
    )
