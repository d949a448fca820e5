"""Cards with new rates appended to pages, as given or as a watch proposes them: written, checked, and shown as the text
of a pull request."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .. import clock
from ..catalog.catalog import Catalog
from ..catalog.pages import whole
from ..catalog.reader import read_text
from ..errors import BadDocument
from ..files.output import written
from ..files.reading import exists
from ..output.figures import listed, plain
from ..output.prices.difference_page import DifferencePage
from ..output.prices.rates import by_provider, new_rates
from ..output.reply import emit
from ..prices.card import STANDARD
from ..prices.sheet import PriceSheet
from ..review.check import Checker, laws_of
from ..review.diff import difference
from ..review.drafts import NewRates, bump
from ..review.revisions import git
from ..review.watch import Finding
from .progress import message


def page_of(catalog: Catalog, model: str) -> Path:
    """Where the page of a model lies; BadDocument where it cannot be changed."""
    sheet = catalog.sheet(model)
    path = catalog.folder / sheet.provider / f"{sheet.model}.yaml"
    if path.parent.parent.name == "_pricing" or not os.access(path, os.W_OK):
        raise BadDocument(f"{path}: cannot be changed here; clone the repository, or name its folder with --prices")
    return path


def append(catalog: Catalog, model: str, rates: NewRates, *, dry: bool) -> str:
    """The text of the pull request, the page being written and checked; with `dry` the card alone, and no page."""
    sheet = catalog.sheet(catalog.sheet(model).id)  # an alias that names a region would mean that region's rates
    path = page_of(catalog, sheet.id)
    text, resold = (each.decode() for each in whole(path))
    page = bump(text, sheet, laws_of(catalog.folder), rates, today=clock.today(), resold=resold)
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
    return f"{new_rates(new, page)}\n\n{bills}"


class Proposal(NamedTuple):
    """The new rates of one model. `plain`: those of its smallest standard prompts, on which the others of a card hang;
    `rest`: rates of other rows."""

    sheet: PriceSheet
    plain: Sequence[Finding]
    rest: Sequence[Finding]


def propose(catalog: Catalog, changes: Sequence[Finding], names: Sequence[str], *, branch: str, dry: bool) -> str:
    """The text of the pull request. Writes every page that can be changed and names the others; refused where there is
    none to write."""
    proposals = _proposals(catalog, changes, names)
    if branch and not dry:
        git(catalog.folder, "switch", "--quiet", "--create", branch, wrong=f"branch {branch} cannot be begun")
    texts, pages = [], []
    for proposal in proposals:
        try:
            texts.append(_written(catalog, proposal, dry=dry))
            pages.append(page_of(catalog, proposal.sheet.id))
        except BadDocument as error:
            if len(proposals) == 1:
                raise
            message(f"warning: {error}")
    if not texts:
        raise BadDocument("none of the proposals can be written as a new card; write them by hand")
    text = "\n\n".join(texts)
    if not dry:
        pages += _tables(catalog, {proposal.sheet.provider for proposal in proposals})
    if branch and not dry:
        subject = f"Change rates of {listed([page.stem for page in pages if page.suffix == '.yaml'], 3)}"
        paths = [str(page.resolve()) for page in pages]
        for words in (("add", "--", *paths), ("commit", "--quiet", "-m", subject, "-m", text, "--", *paths)):
            git(catalog.folder, *words, wrong="the pages are written but not committed")
    return text


def _proposals(catalog: Catalog, changes: Sequence[Finding], names: Sequence[str]) -> list[Proposal]:
    """What is proposed for the named models, or for all of the named providers (`mistral/`)."""
    wanted = {name if name.endswith("/") else catalog.sheet(name).id for name in names}
    proposed: dict[str, tuple[PriceSheet, dict[tuple[object, ...], Finding]]] = {}
    for each in changes:
        if each.kind == "proposal" and each.sheet and not each.sheet.region:
            cells = proposed.setdefault(each.model, (each.sheet, {}))[1]
            cells[each.service, each.prompt, each.line] = each  # once, also where a model has several names
    chosen = {name: proposed[name] for name in proposed if name in wanted or f"{name.partition('/')[0]}/" in wanted}
    if not chosen:
        others = (
            f"there are proposals for {listed(sorted(proposed), 5)}" if proposed else "see `cachecost prices watch`"
        )
        raise BadDocument(f"nothing is proposed for {listed(sorted(wanted), 5)}; {others}", word="model")
    proposals = []
    for sheet, cells in chosen.values():
        small = sheet.cards[-1].plain_row().prompt
        on_row = {key: key[0] == STANDARD and key[1] in small for key in cells}
        parts = ([cells[key] for key in cells if on_row[key] is kind] for kind in (True, False))
        proposals.append(Proposal(sheet, *parts))
    return proposals


def _written(catalog: Catalog, proposal: Proposal, *, dry: bool) -> str:
    """A model's part of the text, its card being appended to its page."""
    sheet, cells = proposal.sheet, proposal.plain
    if not cells:
        said = "; ".join(f"{each.service} {each.line} {plain(each.new)}" for each in proposal.rest)
        raise BadDocument(f"{sheet.id}: only rates of other rows changed ({said}); write the card by hand")
    last = max(cells, key=lambda each: str(each.began.day))
    if last.began.day is None:
        raise BadDocument(
            f"{sheet.id}: no first day is known ({last.began.why}); give --between DAY..DAY", word="between"
        )
    pages = dict.fromkeys(each.page for each in cells if each.page)
    sources = list(pages or dict.fromkeys(f"PyPI {name}" for each in cells for name in each.sources))
    day = last.began.why[0].upper() + last.began.why[1:]
    note = "" if pages and last.began.stated else f"{day}." if pages else f"{day}. The vendor's page was not seen."
    source = sources[0] if len(sources) == 1 else f"[{', '.join(sources)}]"
    rates = {each.line: each.new for each in cells if each.new is not None}
    text = append(catalog, sheet.id, NewRates(rates, str(last.began.day), source, note), dry=dry)
    if dry:
        return text
    evidence = "; ".join(dict.fromkeys(f"{each.line}: {each.why}; {each.began.why}" for each in cells))
    card = Catalog(catalog.folder, cached=False).sheet(sheet.id).cards[-1]
    missed = [
        each
        for each in proposal.rest  # the new card may have a rate of another row by the multiple that it keeps
        if not any(
            each.line in row.rates and row.rates[each.line].value == each.new
            for row in card.rows
            if row.service == each.service and each.prompt in row.prompt
        )
    ]
    rest = "".join(f"\n- not on the card: {each.service} {each.line} {plain(each.new)}" for each in missed)
    return f"{text}\n\nEvidence: {evidence}.{rest}"


def _tables(catalog: Catalog, providers: set[str]) -> list[Path]:
    """The generated tables of these providers, written anew where there are any."""
    paths = [path for name in sorted(providers) if exists(path := catalog.folder / name / "README.md")]
    if paths:
        tables = by_provider(Catalog(catalog.folder, cached=False).sheets())
        for path in paths:
            emit(tables[path.parent.name], path)
    return paths
