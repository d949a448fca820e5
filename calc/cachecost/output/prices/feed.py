"""Changes of prices as an Atom feed (https://www.rfc-editor.org/rfc/rfc4287): an entry for each rate card, the newest
first, so that a reader of feeds announces a new price."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from ...prices.card import RateCard
from ...prices.sheet import PriceSheet
from .sheets import to_come

ATOM = "http://www.w3.org/2005/Atom"
ENTRIES = 100
"""Most entries of a feed."""


def changes_feed(sheets: Sequence[PriceSheet], *, about: str = "") -> bytes:
    """The feed of some sheets; `about` names them in its title and makes it another feed than that of all.

    Its links lead to the routes of the API, as seen from `/v1/prices/changes.atom`."""
    cards = [(_updated(card), sheet, card) for sheet in sheets for card in sheet.cards if card.status != "cancelled"]
    cards.sort(key=lambda each: (each[0], each[1].id), reverse=True)
    feed = ElementTree.Element("feed", xmlns=ATOM)
    title = f"LLM prices of {about}" if about else "LLM prices"
    _head(feed, f"changes/{about}", title, max((each[0] for each in cards), default=datetime(1970, 1, 1, tzinfo=UTC)))
    ElementTree.SubElement(ElementTree.SubElement(feed, "author"), "name").text = "cachecost"
    ElementTree.SubElement(feed, "link", rel="alternate", href="../../prices")
    for updated, sheet, card in cards[:ENTRIES]:
        entry = ElementTree.SubElement(feed, "entry")
        text = to_come(sheet, card)
        _head(entry, sheet.version(card), f"{sheet.name}: {text.partition(': ')[0]}", updated)
        ElementTree.SubElement(entry, "link", rel="alternate", href=f"../models/{sheet.id}")
        for source in card.sources:
            if source.startswith("http"):  # others are files and packages
                ElementTree.SubElement(entry, "link", rel="via", href=source)
        ElementTree.SubElement(entry, "summary").text = f"{sheet.id}, {sheet.currency} per 1M tokens, {text}"
    content: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return content


def _updated(card: RateCard) -> datetime:
    """When a card became known: the day on which its source was seen, or when it began if that was earlier."""
    return min(card.effective, datetime.combine(card.seen, time(), UTC))


def _head(parent: ElementTree.Element, name: str, title: str, updated: datetime) -> None:
    """What a feed and an entry begin with; the id is the same for the same name for ever."""
    ElementTree.SubElement(parent, "id").text = uuid5(NAMESPACE_URL, f"cachecost:{name}").urn
    ElementTree.SubElement(parent, "title").text = title
    ElementTree.SubElement(parent, "updated").text = f"{updated:%Y-%m-%dT%H:%M:%SZ}"
