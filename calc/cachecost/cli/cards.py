"""A card with new rates appended to a model's page: written, checked, and shown as the text of a pull request."""

import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from .. import clock
from ..catalog.catalog import Catalog
from ..catalog.pages import whole
from ..catalog.reader import read_text
from ..errors import BadDocument
from ..files.output import written
from ..output.prices.bump import as_markdown
from ..output.prices.difference_page import DifferencePage
from ..review.bump import bump
from ..review.check import Checker, laws_of
from ..review.diff import difference
from .messages import message


def page_of(catalog: Catalog, model: str) -> Path:
    """Where the page of a model lies; BadDocument where it cannot be changed."""
    sheet = catalog.sheet(model)
    path = catalog.folder / sheet.provider / f"{sheet.model}.yaml"
    if path.parent.parent.name == "_pricing" or not os.access(path, os.W_OK):
        raise BadDocument(f"{path}: cannot be changed here; clone the repository, or name its folder with --prices")
    return path


def append(
    catalog: Catalog,
    model: str,
    rates: Mapping[str, Decimal],
    *,
    begins: str,
    source: str,
    note: str = "",
    scale_rest: bool = False,
    dry: bool = False,
) -> str:
    """The text of the pull request, the page being written and checked; with `dry` the card alone, and no page."""
    sheet = catalog.sheet(catalog.sheet(model).id)  # an alias that names a region would mean that region's rates
    path = page_of(catalog, sheet.id)
    text, resold = (each.decode() for each in whole(path))
    page = bump(
        text,
        sheet,
        laws_of(catalog.folder),
        resold=resold,
        rates=rates,
        begins=begins,
        source=source,
        today=clock.today(),
        note=note,
        scale_rest=scale_rest,
    )
    new = read_text(page.page, file=str(path), resold=resold)
    read = [rate.value for row in new.cards[-1].rows for rate in row.rates.values()]
    if read != [each.new for each in page.moved]:
        raise BadDocument(f"{path}: the new card does not read as it was meant; write the card by hand")
    if dry:
        return page.card.rstrip("\n")
    with written(path) as file:
        file.write(page.page.encode())
    looked = Checker(catalog, today=clock.latest_today(), now=clock.now()).look(path, new)
    for warning in looked.faults + looked.warnings:
        message(f"warning: {warning}")
    for line, copied in page.stays.items():
        message(f"{path}:{line}: {copied.name} stays as it is; add the new one to the card if the vendor changed it")
    bills = DifferencePage(difference([sheet], [new], now=clock.now())).markdown()
    return f"{as_markdown(new, page)}\n\n{bills}"
