"""The report of a log as one page that needs nothing else: no network, no script, every picture inside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape as html

from ...errors import BadDocument
from ...replay.account import Account
from ...replay.ledger import Ledger
from ...replay.report import Report
from ..escapes import visible
from ..table import Table
from .charts import drawn, specs
from .report import accounting, cautions, faults, footer, sections
from .sentence import advice, sentence

STYLE = """
:root { color-scheme: light; font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; line-height: 1.35; }
h2 { font-size: 1.1rem; margin-top: 2rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem .25rem 0; text-align: left; border-bottom: 1px solid #ddd; white-space: nowrap; }
.figure { text-align: right; }
figure { margin: 1.5rem 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
footer, .note { color: #555; font-size: .9rem; }
li { overflow-wrap: anywhere; }
""".strip()
CLASHES = re.compile(r'\b(?:id="|href="#|url\(#)(?=[\w-]*clip|[\w-]*gradient)')


def page(report: Report, ledger: Ledger, account: Account, by: Sequence[str], *, outside: int = 0) -> str:
    """The page as text, in UTF-8."""
    parts = [f"<h1>{_text(sentence(report))}</h1>", *(f"<p>{_text(each)}</p>" for each in advice(report))]
    parts += _figures(report, account)
    for section in sections(report, by):
        parts.append(f"<h2>{_text(section.heading)}</h2>")
        parts += [_table(section.table, section.heading)] if section.table else []
        parts += [f'<p class="note">{_text(remark)}</p>' for remark in section.remarks if remark]
    parts.append("<h2>Where the lines went</h2>")
    parts += [f"<p>{_text(line)}</p>" for line in accounting(report, ledger, outside)]
    told = [*faults(ledger), *cautions(report)]
    parts += ["<ul>", *(f"<li>{_text(each)}</li>" for each in told), "</ul>"] if told else []
    notes = "".join(f"<p>{_text(line)}</p>" for line in footer(report, ledger))
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Replay: cachecost</title>\n'
        f"<style>\n{STYLE}\n</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n<footer>{notes}</footer>\n</body>\n</html>"
    )


def _text(text: str) -> str:
    """Any text as it stands between tags or in quotes."""
    return html(visible(text))


def _figures(report: Report, account: Account) -> Iterator[str]:
    """The pictures, each with its own names inside; where they cannot be drawn the tables tell the same."""
    try:
        for number, spec in enumerate(specs(report, account)):
            label = _text(str(spec["title"]["text"]))
            picture = CLASHES.sub(lambda found, n=number: f"{found[0]}p{n}-", drawn(spec))  # type: ignore[misc]
            yield f'<figure role="img" aria-label="{label}">{picture}</figure>'
    except BadDocument as error:
        yield f'<p class="note">{_text(str(error))}</p>'


def _table(table: Table, caption: str) -> str:
    def cells(row: Sequence[str], tag: str, scope: str = "") -> str:
        marks = (' class="figure"' if heading in table.right else "" for heading in table.headings)
        return "".join(f"<{tag}{scope}{mark}>{_text(cell)}</{tag}>" for cell, mark in zip(row, marks, strict=True))

    head = cells(table.headings, "th", ' scope="col"')
    rows = "\n".join(f"<tr>{cells(row, 'td')}</tr>" for row in table.rows)
    label = _text(caption)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{label}">\n'
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
    )
