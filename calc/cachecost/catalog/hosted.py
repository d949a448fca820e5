"""A deployment beside its surroundings: its model's page, what vendors ask for keeping a cache, and another model."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from ..prices.card import STANDARD
from ..prices.sheet import PriceSheet
from ..selfhosted.meter import DeploymentSheet
from ..selfhosted.serving import Serving
from ..selfhosted.summary import DEFAULT, Summary, summary
from .catalog import Catalog
from .fleet import ModelPage


class Vendor(NamedTuple):
    """A price sheet that rents caches by the token-hour, and what it asks for 1M tokens and hour."""

    sheet: PriceSheet
    rent: Decimal


class Shown(NamedTuple):
    """A deployment at an instant: its sheet, its version then, its summary and its model's page; the vendors that ask
    least and most for keeping a cache; and another model on the same machine."""

    sheet: DeploymentSheet
    version: str
    summary: Summary
    page: ModelPage
    vendors: Sequence[Vendor]
    against: Summary | None


def shown(
    catalog: Catalog, sheet: PriceSheet, serving: Serving, at: datetime, *, tokens: int | None, against: str
) -> Shown:
    """A deployment as it is served, at a context of so many tokens; `against`: the name of another model."""
    served = sheet.served(serving)
    assert isinstance(served, DeploymentSheet)
    deployment, card = served.deployment, served.card(at)
    rent = deployment.machine.rents[served.cards.index(card)].per_hour
    most = tokens or min(DEFAULT, card.limits.context or DEFAULT)
    other = None
    if against:
        architecture = catalog.fleet.model(against).architecture
        other = summary(deployment.of(architecture), most, rent)
    page = catalog.fleet.model(deployment.model.model)
    return Shown(served, served.version(card), summary(deployment, most, rent), page, _ends(catalog, served, at), other)


def _ends(catalog: Catalog, sheet: PriceSheet, at: datetime) -> list[Vendor]:
    """The vendors that ask least and most then, in the currency of a sheet."""
    asked = []
    for path in catalog.paths:
        vendor = catalog.sound(path) if catalog.mentions(path, b"storage_per_") else None
        if vendor and vendor.currency == sheet.currency and (card := vendor.sold(at)):
            rates = [
                row.rates["storage"].value for row in card.rows if row.service == STANDARD and "storage" in row.rates
            ]
            asked += [Vendor(vendor, rate) for rate in rates]
    asked.sort(key=lambda vendor: (vendor.rent, vendor.sheet.id))
    dearest = next((each for each in asked if each.rent == asked[-1].rent), None)
    return list(dict.fromkeys([asked[0], dearest])) if dearest else []
