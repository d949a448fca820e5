"""The report of a log as one page that needs nothing else: no network, no script, no package; light or dark."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from html import escape as html
from typing import NamedTuple

from ...money import add, total
from ...replay.account import Account
from ...replay.breakdown import WRITTEN, class_of, time_of
from ...replay.epochs import DAY, instant
from ...replay.report import Alternative, Report
from ...replay.tally import price
from ..escapes import visible
from ..figures import cents, percent
from ..labels import KINDS
from ..table import Table
from .report import accounting, faults, footer, sections, sources
from .sentence import advice, figures, sentence
from .tables import named, ranked

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif;
  --ink: light-dark(#1f2328, #e6edf3); --dim: light-dark(#59636e, #9198a1); --line: light-dark(#d1d9e0, #3d444d);
  --page: light-dark(#fff, #0d1117); --card: light-dark(#f6f8fa, #151b23); --grey: light-dark(#6e7781, #8b949e);
  --orange: light-dark(#bc4c00, #f0883e); --blue: light-dark(#0969da, #58a6ff); --green: light-dark(#1a7f37, #3fb950);
  --violet: light-dark(#8250df, #bc8cff); --yellow: light-dark(#9a6700, #d29922); }
* { box-sizing: border-box; }
body { max-width: 68rem; margin: 1.5rem auto; padding: 0 1rem; color: var(--ink); background: var(--page); }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .5rem; }
h2, caption, figcaption { font-size: 1.1rem; font-weight: 600; margin: 2rem 0 .5rem; text-align: left; }
p, li { overflow-wrap: anywhere; }
footer, .note, .key, small { color: var(--dim); font-size: .9rem; }
.sums { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); margin: 1rem 0; }
.sums div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
.sums dt, .sums small { color: var(--dim); font-size: .85rem; display: block; }
.sums dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
figure { margin: 0; }
.bars { list-style: none; margin: 0; padding: 0; display: grid; gap: .15rem .75rem;
  grid-template-columns: fit-content(18rem) 1fr fit-content(12rem); font-variant-numeric: tabular-nums; }
.bars li { display: contents; }
.bar { position: relative; display: flex; height: 1.1rem; align-self: center; }
.bar i, .key i { background: var(--c); min-width: 1px; }
.bar u { position: absolute; top: -.15rem; bottom: -.15rem; border-left: 2px dashed var(--ink); }
.key i { display: inline-block; width: .8em; height: .8em; margin-right: .3em; } .key span { margin-right: .8em; }
.input, .paid { --c: var(--grey); } .cache_write, .dearer { --c: var(--orange); }
.cache_read, .cheaper { --c: var(--blue); }
.output { --c: var(--green); } .storage { --c: var(--violet); } .fees { --c: var(--yellow); }
.bar .dearer { background: repeating-linear-gradient(45deg, var(--c) 0 6px, var(--page) 6px 8px); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem .25rem 0; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 600; } .figure { text-align: right; }
@media (max-width: 40rem) { .spare { display: none; } td:first-child { white-space: normal; overflow-wrap: anywhere; }
  .bars { grid-template-columns: 1fr; } .bars li { display: grid; grid-template-columns: 1fr auto; }
  .bars .bar { grid-area: 2 / 1 / 3 / 3; margin-bottom: .3rem; height: .8rem; align-self: start; }
  th, td { padding-right: .5rem; font-size: .9rem; } }
""".strip()
MOST = 62
"""Days that have a bar each; a longer log has a bar for each week or month."""
SIGN = {"cheaper": "▼", "dearer": "▲"}


class Bar(NamedTuple):
    """One row: its label, what is written behind the bar, and its parts by class, in money."""

    label: str
    figure: str
    parts: dict[str, Decimal]


def page(report: Report, account: Account) -> str:
    """The page as text, in UTF-8."""
    first, _, rest = sentence(report).partition(". ")
    parts = [f"<h1>{_text(first.rstrip('.'))}.</h1>", *_paragraphs([rest, *advice(report)]), _sums(report)]
    if len(report.by["day"]) > 1:
        parts += [_times(account, currency) for currency in report.totals]
    for on in dict.fromkeys(each.on for each in report.alternatives):
        parts.append(_policies([each for each in report.alternatives if each.on == on]))
    for section in sections(report):
        parts.append(f"<h2>{_text(section.heading)}</h2>")
        parts += [_table(section.table, section.heading)] if section.table else []
        parts += _paragraphs(section.remarks, "note")
    parts.append("<h2>Where the lines went</h2>")
    parts += _paragraphs([*accounting(report), *sources(report)])
    remarks = list(faults(report))
    parts += ["<ul>", *(f"<li>{_text(each)}</li>" for each in remarks), "</ul>"] if remarks else []
    body, notes = "\n".join(parts), "\n".join(_paragraphs(footer(report)))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Replay: cachecost</title>\n'
        f"<style>\n{STYLE}\n</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n<footer>{notes}</footer>\n</body>\n</html>"
    )


def _text(text: str) -> str:
    """Any text as it stands between tags or in quotes."""
    return html(visible(text))


def _paragraphs(texts: Iterable[str], style: str = "") -> Iterator[str]:
    mark = f' class="{style}"' if style else ""
    return (f"<p{mark}>{_text(text)}</p>" for text in texts if text)


def _sums(report: Report) -> str:
    """The figures on top: what was paid, saved, could be saved and was lost."""
    cards = (
        f"<div><dt>{_text(name)}</dt><dd>{_text(sum_)}</dd>{f'<small>{_text(more)}</small>' if more else ''}</div>"
        for name, sum_, more in figures(report)
    )
    return f'<dl class="sums">{"".join(cards)}</dl>'


def _times(account: Account, currency: str) -> str:
    """A bar for each day, week or month, those without requests as well, each in parts by class of tokens."""
    days = sorted(part.day for part in account.parts if part.day is not None)
    many = days[-1] - days[0] if days else 0
    word = "day" if many <= MOST else "week" if many <= 7 * MOST else "month"
    every = range(days[0], days[-1] + 1) if days else ()
    sums: dict[str, dict[str, Decimal]] = {instant(day * DAY).strftime(WRITTEN[word]): {} for day in every}
    for part, tally in account.parts.items():
        for key, item in price(tally, account.sheets).items:
            if account.sheets[key.sheet].sheet.currency == currency:
                at = sums.setdefault(time_of(part, word, account), {})
                name = class_of(item.name) if class_of(item.name) in KINDS else "fees"
                at[name] = add(at.get(name, Decimal(0)), item.amount)
    rows = [Bar(at, cents(total(parts.values()), currency), parts) for at, parts in sums.items()]
    used = [name for name in KINDS if any(name in parts for parts in sums.values())]
    legend = "".join(f'<span><i class="{name}"></i>{KINDS[name]}</span>' for name in used)
    return _figure(f"Cost of each {word}", rows, legend)


def _policies(rows: list[Alternative]) -> str:
    """A bar for each policy on one model, the cheapest first, and a line at what was paid."""
    bars = []
    for each in ranked(rows):
        ratio = each.savings_ratio
        mark = "cheaper" if ratio and ratio > 0 else "dearer" if ratio else ""
        change = f" {SIGN[mark]} {percent(abs(ratio))} {'less' if ratio > 0 else 'more'}" if ratio else ""
        bars.append(Bar(named(each), f"{cents(each.total, each.currency)}{change}", {mark or "paid": each.total}))
    legend = "Dashed line: what was paid. Striped bars are dearer." if rows[0].paid else ""
    return _figure(f"The same requests on {rows[0].on}", bars, legend, rows[0].paid)


def _figure(title: str, bars: Sequence[Bar], legend: str, at: Decimal | None = None) -> str:
    """Bars as a list, in which every length is written out as well; `at`: a mark at an amount of money."""
    longest = max((*(total(bar.parts.values()) for bar in bars), at or 0)) or 1
    line = f'<u style="left:{at / longest:.2%}" title="paid"></u>' if at else ""
    rows = []
    for bar in bars:
        pieces = "".join(
            f'<i class="{name}" style="width:{part / longest:.2%}" title="{KINDS.get(name, name)}"></i>'
            for name, part in bar.parts.items()
            if part
        )
        drawn = f'<span class="bar">{pieces}{line}</span>'
        rows.append(f"<li><span>{_text(bar.label)}</span>{drawn}<span>{_text(bar.figure)}</span></li>")
    return (
        f'<figure><figcaption>{_text(title)}</figcaption><p class="key">{legend}</p>\n<ul class="bars">\n'
        + "\n".join(rows)
        + "\n</ul></figure>"
    )


def _table(table: Table, caption: str) -> str:
    def cells(row: Sequence[str], tag: str, scope: str = "") -> str:
        parts = []
        for heading, cell in zip(table.headings, row, strict=True):
            names = ["figure"] * (heading in table.right) + ["spare"] * (heading in table.spare)
            mark = f' class="{" ".join(names)}"' if names else ""
            parts.append(f"<{tag}{scope}{mark}>{_text(cell)}</{tag}>")
        return "".join(parts)

    head = cells(table.headings, "th", ' scope="col"')
    rows = "\n".join(f"<tr>{cells(row, 'td')}</tr>" for row in table.rows)
    label = _text(caption)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{label}">\n'
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
    )
