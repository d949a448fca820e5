"""Charts: the specification says what the answer says, and the file is what its name promises."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadDocument
from cachecost.output.vega import SHOWN, curves_spec, grid_spec, save
from cachecost.questions.axes import axes_of
from cachecost.strategies.assumptions import Assumptions
from cachecost.sweep.curve import curve
from cachecost.sweep.grid import Grid
from cachecost.workload.workload import Workload

from ..command import run

SEED = Workload(1_000_000, 0, 0, 10, datetime(2024, 5, 25, tzinfo=UTC))
SVG = "{http://www.w3.org/2000/svg}svg"
SWEEP = "sweep gemini-1.5-pro --as-of 2024-05-25 --sweep context=40K..1M:4".split()


def test_a_curve_is_drawn_with_its_bills_and_its_break_even(catalog: Catalog) -> None:
    """Fresh 7 N, stored 11.50 + 3.50 N: at 4 they cost 28 and 25.50, where stored begins to pay."""
    spec = curves_spec([curve(catalog.sheet("gemini-1.5-pro"), SEED, range(1, 11), assumptions=Assumptions())])
    lines, mark, text = spec["layer"]
    result = {(each["strategy"], each["queries"]): each["cost"] for each in lines["data"]["values"]}
    assert result == {("fresh", n): 7.0 * n for n in range(1, 11)} | {
        ("stored", n): 11.5 + 3.5 * n for n in range(1, 11)
    }
    assert mark["data"]["values"][0]["queries"] == 4
    assert text["data"]["values"][0]["text"] == "stored pays from N = 4 ($25.50)"
    assert spec["title"]["subtitle"][0].startswith("Rates: google/gemini-1.5-pro@2024-05-14, ")


def test_colour_never_tells_lines_apart_alone(catalog: Catalog) -> None:
    """Each strategy also has a different dash."""
    spec = curves_spec([curve(catalog.sheet("gemini-1.5-pro"), SEED, range(1, 3), assumptions=Assumptions())])
    encoding = spec["layer"][0]["encoding"]
    dashes = encoding["strokeDash"]["scale"]
    assert dashes["domain"] == encoding["color"]["scale"]["domain"] == ["fresh", "stored"]
    assert len({tuple(dash) for dash in dashes["range"]}) == 2


def test_a_curve_that_never_pays_bears_no_mark_and_a_long_one_is_thinned(catalog: Catalog) -> None:
    """Three queries are too few; of 1,000 points a picture needs a few hundred, with both ends."""
    sheet = catalog.sheet("gemini-1.5-pro")
    assert len(curves_spec([curve(sheet, SEED, range(1, 4), assumptions=Assumptions())])["layer"]) == 1
    long = curves_spec([curve(sheet, SEED, range(1, 1_001), assumptions=Assumptions())])["layer"][0]["data"]["values"]
    places = [each["queries"] for each in long if each["strategy"] == "fresh"]
    assert (len(places), places[0], places[-1]) == (SHOWN, 1, 1_000)


def test_a_heat_map_bears_letters_beside_its_colours(catalog: Catalog) -> None:
    """Held an hour a cache pays from 4 queries on, held a day not yet."""
    axes = axes_of(["queries=3..4:2", "hold=1h..24h:2"])
    spec = grid_spec(Grid(catalog.sheet("gemini-1.5-pro"), SEED, Assumptions(), axes))
    result = {(each["x"], each["y"]): each["letter"] for each in spec["data"]["values"]}
    assert result == {("3", "1h"): "f", ("3", "1d"): "f", ("4", "1h"): "s", ("4", "1d"): "f"}
    assert {each["cheapest"] for each in spec["data"]["values"]} == {"f: fresh", "s: stored"}


def test_a_sweep_over_a_hundredfold_is_drawn_on_a_logarithmic_scale(catalog: Catalog) -> None:
    """And one over less on a linear one."""
    sheet = catalog.sheet("gemini-1.5-pro")
    for text, kind in (("context=10K..1M:3", "log"), ("context=20K..1M:3", "linear")):
        spec = grid_spec(Grid(sheet, SEED, Assumptions(), axes_of([text])))
        assert spec["layer"][0]["encoding"]["x"]["scale"]["type"] == kind


def test_what_the_vendor_would_refuse_is_not_drawn_and_an_open_life_is_a_band(catalog: Catalog) -> None:
    """A model of 1,000,000 tokens at 900K to 1.1M; an automatic entry that lives 5 minutes to an hour, at a pause of 30
    minutes: GPT-5 reads 99,968 of 100,000 tokens, or none."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    work = Workload(1, 0, 0, 10, start)
    spec = grid_spec(Grid(catalog.sheet("claude-opus-5-5"), work, Assumptions(), axes_of(["context=900K..1100K:3"])))
    (lines,) = spec["layer"]
    assert {each["x"] for each in lines["data"]["values"]} == {900_000, 1_000_000}
    spread = Workload(100_000, 0, 0, 10, start, every=timedelta(minutes=30))
    spec = grid_spec(Grid(catalog.sheet("gpt-5"), spread, Assumptions(), axes_of(["every=30m..40m:2"])))
    _, band = spec["layer"]
    ends = {(each["strategy"], each["x"]): (each["low"], each["high"]) for each in band["data"]["values"]}
    assert ends["automatic", 0.5] == (0.237824, 1.25)


@pytest.mark.parametrize("more", [[], ["--sweep", "every=1m..2h:3"]])
def test_a_chart_file_is_what_its_name_says(more: list[str], tmp_path: Path) -> None:
    """SVG, PNG, HTML that needs no network, and the specification."""
    pytest.importorskip("vl_convert")
    for name in ("a.svg", "a.png", "a.html", "a.vl.json"):
        ran = run(*SWEEP, *more, "--chart", tmp_path / name)
        assert (ran.code, ran.err) == (0, "")
    assert ElementTree.parse(tmp_path / "a.svg").getroot().tag == SVG
    assert "Gemini 1.5 Pro" in (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<html" in page
    assert "cdn.jsdelivr.net/npm" not in page
    assert json.loads((tmp_path / "a.vl.json").read_text(encoding="utf-8"))["$schema"].endswith("/vega-lite/v5.json")


def test_marks_and_letters_are_drawn(catalog: Catalog, tmp_path: Path) -> None:
    """What the specification says is there to be read in the picture."""
    pytest.importorskip("vl_convert")
    drawn = curve(catalog.sheet("gemini-1.5-pro"), SEED, range(1, 11), assumptions=Assumptions())
    save(curves_spec([drawn]), tmp_path / "curve.svg")
    assert "stored pays from N = 4 ($25.50)" in (tmp_path / "curve.svg").read_text(encoding="utf-8")
    axes = axes_of(["queries=3..4:2", "hold=1h..24h:2"])
    save(grid_spec(Grid(catalog.sheet("gemini-1.5-pro"), SEED, Assumptions(), axes)), tmp_path / "heat.svg")
    texts = [each.text for each in ElementTree.parse(tmp_path / "heat.svg").iter() if each.tag.endswith("text")]
    assert texts.count("s") == 1
    assert texts.count("f") == 3


@pytest.mark.parametrize(
    ("name", "said"), [("a.gif", "--chart: a.gif is of no known kind"), ("no/a.vl.json", "cannot")]
)
def test_a_chart_that_cannot_be_written_is_refused(name: str, said: str, tmp_path: Path) -> None:
    """Exit 2 with what would do."""
    ran = run(*SWEEP, "--chart", tmp_path / name)
    assert ran.code == 2
    assert said in ran.err


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only the specification needs nothing more."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    save({"mark": "point"}, tmp_path / "a.vl.json")
    with pytest.raises(BadDocument, match=r'pip install .*\[charts\]"'):
        save({"mark": "point"}, tmp_path / "a.svg")


def test_gaps_and_shares_have_axes_of_their_own(catalog: Catalog) -> None:
    """Hours on the one, shares on the other."""
    sheet = catalog.sheet("claude-opus-5-5")
    work = Workload(100_000, 0, 0, 10, datetime(2026, 11, 1, tzinfo=UTC), every=timedelta(minutes=1))
    spec = grid_spec(Grid(sheet, work, Assumptions(), axes_of(["every=30m..90m:3"])))
    assert sorted({each["x"] for each in spec["layer"][0]["data"]["values"]}) == [0.5, 1.0, 1.5]
    assert spec["layer"][0]["encoding"]["x"]["title"] == "every (hours)"
