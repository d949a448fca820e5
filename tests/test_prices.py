"""The tools of somebody who changes a price."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cachecost import peers
from cachecost.catalog import Catalog, read_page
from cachecost.errors import BadDocument, BadSheet
from cachecost.page import schema_for_editors
from cachecost.pagecheck import check
from cachecost.render.cards import all_rates
from cachecost.revisions import prices_at
from cachecost.skeleton import skeleton

from .command import run
from .conftest import ROOT, TODAY

FRIDAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAGE = Path("google", "gemini-2.5-pro.yaml")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Three pages of the catalogue in a folder of their own."""
    for page in (PAGE, Path("google", "gemini-4-argon.yaml"), Path("openai", "gpt-4o.yaml")):
        (tmp_path / page).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "pricing" / page, tmp_path / page)
    return tmp_path


def _edit(folder: Path, page: Path, old: str, new: str) -> None:
    text = (folder / page).read_text(encoding="utf-8")
    assert old in text
    (folder / page).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_schema_beside_the_sheets_is_the_one_that_the_code_makes() -> None:
    """`make prices` writes it anew."""
    kept = json.loads((ROOT / "pricing" / "sheet.schema.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(schema_for_editors()))


def test_the_table_of_all_rates_is_the_one_that_the_sheets_make(catalog: Catalog) -> None:
    """`make prices` writes it anew."""
    assert (ROOT / "pricing" / "RATES.md").read_text(encoding="utf-8").rstrip("\n") == all_rates(catalog.sheets())


def test_every_page_names_the_schema_in_its_first_line() -> None:
    """Editors complete keys through it."""
    for path in sorted((ROOT / "pricing").glob("*/*.yaml")):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        assert first == "# yaml-language-server: $schema=../sheet.schema.json"


@given(st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True), st.from_regex(r"[a-z][a-z0-9.-]{0,30}", fullmatch=True))
def test_the_skeleton_validates_but_for_its_numbers(provider: str, model: str) -> None:
    """A stranger begins with a page that the loader takes, whatever the model is called."""
    tree = yaml.safe_load(skeleton(provider, model, today=TODAY))
    assert (tree["provider"], len(tree["rate_cards"])) == (provider, 1)


def test_a_skeleton_is_no_sheet_before_its_blanks_are_filled(tmp_path: Path) -> None:
    """An unknown rate is never zero: the source and each rate are faults at their lines until somebody knows them."""
    page = tmp_path / "acme" / "model-1.yaml"
    page.parent.mkdir()
    text = skeleton("acme", "model-1", today=TODAY)
    page.write_text(text, encoding="utf-8")
    with pytest.raises(BadSheet) as refused:
        read_page(page, today=TODAY)
    said = [fault.message.split(";")[0] for fault in refused.value.faults]
    assert said == [f"{word}: has no value" for word in ("source", "input", "cache_read", "output")]
    known = {"source": "https://acme.test/pricing", "- input": "1.00", "cache_read": "0.10", "output": "5.00"}
    for word, value in known.items():
        text, count = re.subn(rf"^( +{word}:)(?=$| +#)", rf"\1 {value}", text, flags=re.MULTILINE)
        assert count == 1, word
    page.write_text(text, encoding="utf-8")
    found = check([page], Catalog(tmp_path, today=TODAY), today=TODAY, now=FRIDAY)
    assert [sheet.id for sheet in found.sheets] == ["acme/model-1"]
    assert (found.faults, found.warnings, found.notes) == ([], [], [])


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_git_revision_is_as_good_as_a_folder(copy: Path) -> None:
    """The revision's own files are read, not those of the working tree."""
    run = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*run, *arguments], cwd=copy, check=True)
    before = (copy / "google" / "gemini-2.5-pro.yaml").read_text(encoding="utf-8")
    _edit(copy, PAGE, "output: 10.00", "output: 12.00")
    with prices_at("HEAD", folder=copy / "google") as folder:
        assert (folder / "gemini-2.5-pro.yaml").read_text(encoding="utf-8") == before
    for name in ("no-such-revision", "--output=x"):
        with pytest.raises(BadDocument, match="neither a folder nor a git revision"), prices_at(name, folder=copy):
            pass


def test_a_disagreement_is_told_until_somebody_explains_it(copy: Path, tmp_path: Path) -> None:
    """Explained by both values: when either changes, it is told again."""
    rates = [peers.PeerRate("google", "gemini-2.5-pro", "standard", 1_000, "input", Decimal("1.50"))]
    catalog = Catalog(copy, today=TODAY)
    file = tmp_path / "disagreements.yaml"
    told = peers.compared("litellm", rates, catalog, at=FRIDAY, explained=peers.accepted(file))
    assert [(each.ours, each.reason) for each in told.unexplained] == [(Decimal("1.25"), None)]
    entry = {"dataset": "litellm", "model": "google/gemini-2.5-pro", "line": "input", "ours": "1.25", "theirs": "1.5"}
    file.write_text(yaml.safe_dump([entry | {"reason": "theirs is stale"}]), encoding="utf-8")
    explained = peers.accepted(file)
    assert not peers.compared("litellm", rates, catalog, at=FRIDAY, explained=explained).unexplained
    moved = [rates[0]._replace(value=Decimal("1.75"))]
    assert peers.compared("litellm", moved, catalog, at=FRIDAY, explained=explained).unexplained
    file.write_text(yaml.safe_dump([entry]), encoding="utf-8")
    with pytest.raises(BadDocument, match=r"disagreements\.yaml:1: 1: expected exactly the keys"):
        peers.accepted(file)


@pytest.mark.parametrize(
    ("dataset", "module"),
    [("genai-prices", "genai"), pytest.param("litellm", "lite", marks=pytest.mark.external)],
)
def test_no_disagreement_with_another_dataset_is_unexplained(catalog: Catalog, dataset: str, module: str) -> None:
    """Over every model in both, and at least 95 % of its cached models at the providers kept here have a sheet."""
    if find_spec(dataset.replace("-", "_")) is None:
        pytest.skip(f"{dataset} is not installed (extra `peers`)")
    rates = import_module(f"cachecost.peers.{module}").rates(None, FRIDAY)
    explained = peers.accepted(ROOT / "pricing" / "disagreements.yaml")
    found = peers.compared(dataset, rates, catalog, at=FRIDAY, explained=explained)
    assert [(each.sheet.id, each.rate.line, str(each.ours), str(each.rate.value)) for each in found.unexplained] == []
    assert len(found.known) >= 0.95 * (len(found.known) + len(found.unknown)), found.unknown


def test_the_catalogue_is_as_large_as_it_should_be(catalog: Catalog) -> None:
    """At least 150 models at 18 providers."""
    sheets = catalog.sheets()
    assert len(sheets) >= 150
    assert len({sheet.provider for sheet in sheets}) >= 18


def test_a_page_with_a_fault_is_refused_with_its_line(copy: Path) -> None:
    """What `prices check` prints."""
    _edit(copy, PAGE, "output: 10.00", "outputs: 10.00")
    with pytest.raises(BadSheet, match=r"gemini-2\.5-pro\.yaml:\d+: outputs is not a rate"):
        read_page(copy / PAGE, today=TODAY)


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "x" * 61, "two words"])
def test_a_skeleton_has_a_name_that_a_page_can_have(name: str) -> None:
    """Otherwise the loader would refuse what was just written."""
    with pytest.raises(BadDocument, match="is no name of a page"):
        skeleton("google", name, today=TODAY)
    with pytest.raises(BadDocument, match="is no name of a page"):
        skeleton(name, "gemini-9", today=TODAY)


BROKEN = {
    "a colon in a reason": ("disagreements.yaml", "theirs is stale", "The page says: two.", 6, "mapping values"),
    "a list for a text": (
        "disagreements.yaml",
        "reason: theirs is stale",
        "reason: [a, b]",
        6,
        "1.reason: expected a text",
    ),
    "a missing key": ("disagreements.yaml", "  line: input\n", "", 1, "1: expected exactly the keys"),
    "no list": ("disagreements.yaml", "- dataset", "dataset", 2, "mapping values"),
    "a colon in a source": ("eviction.yaml", "seen: 2026", "seen: a: 2026", 0, "mapping values"),
    "a day that is none": ("eviction.yaml", "seen: 2026-", "seen: 2026-13-", 8, "reported: expected a source"),
    "a rate that is none": ("token-ratios.yaml", "latin: ", "latin: x", 0, "expected tokens a character"),
    "a tab": ("token-ratios.yaml", "patterns:\n", "patterns:\n\t- x\n", 0, "a tab; expected spaces"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_beside_the_sheets_is_a_fault_with_its_line(copy: Path, name: str) -> None:
    """`prices check` looks at those files too, and exits 1 as for a page."""
    file, old, new, line, told = BROKEN[name]
    for side in ("eviction.yaml", "token-ratios.yaml"):
        shutil.copy(ROOT / "pricing" / side, copy / side)
    entry = ["- dataset: litellm", "  model: google/gemini-2.5-pro", "  line: input", "  ours: 1.25", "  theirs: 1.5"]
    text = "\n".join([*entry, "  reason: theirs is stale", ""])
    (copy / "disagreements.yaml").write_text(text, encoding="utf-8")
    assert run("prices", "check", "--prices", copy).code == 0
    whole = (copy / file).read_text(encoding="utf-8")
    _edit(copy, Path(file), old, new)
    line = line or whole[: whole.index(old)].count("\n") + 1 + old.count("\n")
    answer = run("prices", "check", "--prices", copy)
    assert answer.code == 1
    assert f"{file}:{line}: " in answer.err
    assert told in answer.err
    assert answer.out.endswith("1 fault\n")
