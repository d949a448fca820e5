"""Pages of self-hosted models, machines and cards: what they hold, how names find them, and what is refused of them."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, strategies as st

from cachecost.catalog.catalog import Catalog
from cachecost.catalog.fleet import Fleet
from cachecost.catalog.hardware_page import HostWords, LayersWords, MachineWords, ModelWords, RentWords, TierWords
from cachecost.errors import BadQuantity, BadSheet, Fault, UnknownModel

from ..command import run
from ..conftest import ROOT, a_thousand

REAL = ROOT / "pricing" / "self-hosted"
BROKEN = ROOT / "tests" / "broken" / "self-hosted"
PAGES = sorted(BROKEN.glob("*/*.yaml"))


def _fleet(folder: Path) -> Fleet:
    return Fleet(folder, lambda path: path.read_text(encoding="utf-8"), lambda path: path.name)


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return _fleet(REAL)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """All pages in a separate folder."""
    return Path(shutil.copytree(REAL, tmp_path / "self-hosted"))


def test_the_pages_are_sound(fleet: Fleet) -> None:
    """36 models and 10 machines, and every one of their facts has an address and a day."""
    assert not fleet.faults()
    assert (len(fleet.models()), len(fleet.machines())) == (36, 10)


def test_a_folder_without_self_hosted_models_lists_none(tmp_path: Path) -> None:
    """With a sentence on a screen, no rows in CSV and an empty list in JSON."""
    (tmp_path / "google").mkdir()
    shutil.copy(ROOT / "pricing" / "google" / "gemini-3.6-flash.yaml", tmp_path / "google")
    words = ("models", "--self-hosted", "--prices", tmp_path)
    assert run(*words).out == "! no page of a self-hosted model and of a machine with a rent then in this folder\n"
    assert run(*words, "--format", "csv").out == "model,gpus,gpu,per_hour,pool_tokens\n"
    assert run(*words, "--json").json["deployments"] == []


@pytest.mark.parametrize(
    ("day", "rent"), [("2025-06-04", None), ("2025-06-05", "55.04"), ("2026-11-30", "55.04"), ("2026-12-01", "60")]
)
def test_machines_are_listed_at_their_rents_of_the_day(copy: Path, day: str, rent: str | None) -> None:
    """$55.04 from 2025-06-05 on and $60.00 from 2026-12-01 on; before the first one the machine is not listed."""
    page, proof = copy / "machines" / "aws.yaml", "source: https://example.com, seen: 2026-11-22"
    rents = {"2025-06-05": "55.04", "2026-12-01": "60.00"}
    cards = [f"      - {{effective: {begin}, per_hour: {each}, {proof}}}\n" for begin, each in rents.items()]
    head, _, rest = page.read_text(encoding="utf-8").partition("    rate_cards:\n")
    text = f"{head}    rate_cards:\n{''.join(cards)}{rest[rest.index('  - machine:') :]}"
    page.write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "pricing" / "groq", copy.parent / "groq")
    listed = run("models", "--self-hosted", "--as-of", day, "--prices", copy.parent, "--json").json["deployments"]
    assert {each["per_hour"] for each in listed if "aws/p5.48xlarge" in each["model"]} == {rent} - {None}


def test_files_beside_the_pages_are_no_pages(copy: Path) -> None:
    """Neither a folder, hidden files, schemas nor another table; a link to nowhere is a page that cannot be read."""
    before = _fleet(copy).paths
    assert [path.relative_to(copy).parts[0] for path in before] == ["gpus.yaml", *["machines"] * 5, *["models"] * 36]
    (copy / "models" / "drafts.yaml").mkdir()
    for name in ("machines/.aws.yaml", "models/.#llama.yaml", "models/llama.yml", "gpus2.yaml"):
        (copy / name).write_text("draft", encoding="utf-8")
    assert _fleet(copy).paths == before
    (copy / "models" / "zeta.yaml").symlink_to("nowhere")
    assert _fleet(copy).paths == [*before, copy / "models" / "zeta.yaml"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_broken_page_earns_exactly_its_fault(page: Path, fleet: Fleet) -> None:
    """Line and message are those that its first line announces; `...` stands for anything."""
    expected = re.match(r"# expect: (\d+): (.+)\n", page.read_text(encoding="utf-8"))
    assert expected
    broken = _fleet(BROKEN)
    broken.__dict__["gpus"] = fleet.gpus
    (fault,) = broken.faults([page])
    assert fault.line == int(expected[1]), fault
    assert re.fullmatch(".*".join(map(re.escape, expected[2].split("..."))), fault.message), fault


def test_prices_check_reads_these_pages_too(copy: Path) -> None:
    """A fault has its file and line, and the exit code is 1."""
    page = copy / "machines" / "aws.yaml"
    page.write_text(page.read_text(encoding="utf-8").replace("per_hour: 55.04", "per_hour: 0"), encoding="utf-8")
    ran = run("prices", "check", str(copy))
    assert ran.code == 1
    line = page.read_text(encoding="utf-8").splitlines().index("        per_hour: 0") + 1
    assert f"aws.yaml:{line}: per_hour: expected a rent above 0" in ran.err


def test_a_day_in_the_future_and_a_placeholder_are_faults(copy: Path) -> None:
    page = copy / "models" / "yoco-3b.yaml"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("checked: 2026-11-28", "checked: 2999-01-01"), encoding="utf-8")
    assert "yoco-3b.yaml:5: checked: 2999-01-01 lies in the future" in run("prices", "check", str(page)).err


def test_two_models_cannot_claim_one_alias(copy: Path) -> None:
    page = copy / "models" / "qwen3-8b.yaml"
    page.write_text(page.read_text(encoding="utf-8").replace("Qwen/Qwen3-8B]", "65b-gqa]"), encoding="utf-8")
    (fault,) = _fleet(copy).faults()
    assert fault == Fault(
        "yoco-baseline-65b.yaml", 5, "aliases: 65b-gqa is also claimed by qwen3-8b; a name belongs to one page"
    )


def test_a_page_has_the_name_of_its_model(copy: Path) -> None:
    (copy / "models" / "yoco-3b.yaml").rename(copy / "models" / "yoco.yaml")
    with pytest.raises(BadSheet, match=re.escape("yoco.yaml:1: holds yoco-3b; expected the page yoco-3b.yaml")):
        _fleet(copy).model("yoco")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    memory: 79.18 GiB", "    memory: 80", "memory: '80': expected a size with its unit"),
        ("    bandwidth: 3350", "    bandwidth: 0", "bandwidth: '0': expected a number above 0"),
        ("    peak: {bf16: 989.5, fp8: 1979}", "    peak: {fp8: 1979}", "peak: expected the dense peak in bf16"),
        ("  share: 90%", "  share: 0%", "share: '0%': expected a share above 0"),
        ("  block: 16 ", "  block: 0 ", "block: '0': expected a number above 0"),
    ],
)
def test_a_fault_in_the_table_of_cards_is_found(copy: Path, old: str, new: str, message: str) -> None:
    page = copy / "gpus.yaml"
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(fault.message.startswith(message) for fault in _fleet(copy).faults())


# -- a name finds its deployment


@pytest.mark.parametrize(
    ("name", "id", "cards"),
    [
        ("llama-3.1-70b@aws/p5.48xlarge", "llama-3.1-70b@aws/p5.48xlarge", 8),
        ("llama-3.1-70b@p5.48xlarge", "llama-3.1-70b@aws/p5.48xlarge", 8),
        ("llama-3.1-70b@aws/p5.48xlarge:8", "llama-3.1-70b@aws/p5.48xlarge", 8),
        ("meta-llama/Llama-3.1-70B-Instruct@aws/p5.48xlarge:4", "llama-3.1-70b@aws/p5.48xlarge:4", 4),
    ],
)
def test_a_name_with_a_machine_means_a_deployment(name: str, id: str, cards: int) -> None:
    sheet = Catalog().sheet(name)
    assert (sheet.id, sheet.meter.cards) == (id, cards)


def test_a_name_with_an_at_sign_and_no_machine_is_a_model_of_a_vendor() -> None:
    assert Catalog().sheet("claude-3-5-sonnet@20240620").id == "google-vertex/claude-3-5-sonnet"
    with pytest.raises(UnknownModel, match="is not a model with a price sheet"):
        Catalog().sheet("claude-3-5-sonnet@99999999")


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("llama-3.1-70b@aws/p5", UnknownModel, "'aws/p5' is not a machine with a page; did you mean aws/p5"),
        (
            "llama-3.1-71b@p5.48xlarge",
            UnknownModel,
            "is not a self-hosted model with a page; did you mean llama-3.1",
        ),
        (
            "gpt-4o@aws/p5.48xlarge",
            UnknownModel,
            "'gpt-4o' is not a self-hosted model with a page; see `cachecost models --self-hosted`",
        ),
        (
            "llama-3.1-70b@lambda",
            UnknownModel,
            "'lambda' is not a machine with a page; did you mean lambda/8x-h100-sxm, lambda/1x-a10?",
        ),
        ("@aws/p5.48xlarge", UnknownModel, "'' is not a self-hosted model"),
        ("llama-3.1-70b@aws/p5.48xlarge:9", BadQuantity, "has 8 cards, not '9'; expected :1 to :8"),
        ("llama-3.1-70b@aws/p5.48xlarge:0", BadQuantity, "has 8 cards, not '0'; expected :1 to :8"),
        ("llama-3.1-70b@aws/p5.48xlarge:", BadQuantity, "has 8 cards, not ''; expected :1 to :8"),
        ("llama-3.1-70b@aws/p5.48xlarge:two", BadQuantity, "has 8 cards, not 'two'; expected :1 to :8"),
        ("../../x@aws/p5.48xlarge", UnknownModel, "is not a self-hosted model"),
    ],
)
def test_a_name_that_finds_nothing_is_refused(name: str, error: type[Exception], message: str) -> None:
    """By the same words where the name may be a short one, as on the command line."""
    for look_up in (Catalog().sheet, lambda name: Catalog().full_name(name, datetime(2026, 11, 28, tzinfo=UTC))):
        with pytest.raises(error, match=re.escape(message)):
            look_up(name)


def test_a_folder_without_such_pages_knows_no_machine(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    with pytest.raises(UnknownModel):
        Catalog(tmp_path).sheet("llama-3.1-70b@aws/p5.48xlarge")


# -- whatever is on a page, its reader answers or refuses it in its own words

SHAPES = (ModelWords, LayersWords, HostWords, MachineWords, TierWords, RentWords)
KEYS = sorted({key for shape in SHAPES for key in shape.model_fields} | {"best", "middle", "worst", "fp8", "<<", ""})
VALUES = (
    "3.50 0 1 -1 .nan 8 128 1_152 1_152.5 70_553_706_496 2_048 GiB 80 GB 0 GB 50% 120% 0% 2026-11-22 acme no yes on "
    "full sliding latent recurrent shared bf16 fp8 h100-sxm https://arxiv.org/abs/2405.05254 ../x ٣ \U0001f984"
).split(" ")
real = st.sampled_from(sorted(REAL.rglob("*.yaml")))
scalars = st.sampled_from(VALUES) | st.text(max_size=8) | st.none() | st.integers() | st.floats()
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@cache
def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _read(page: Path, text: str) -> None:
    """Read a page whose text is another one; all but faults with a line is the test's failure."""
    fleet = Fleet(REAL, lambda path: text if path == page else _text(path), lambda path: path.name)
    if page.name != "gpus.yaml":
        fleet.__dict__["gpus"] = _real_gpus()
    readers = {"machines": fleet._host, "models": fleet._model}
    try:
        readers.get(page.parent.name, fleet._table)(page)
    except BadSheet as error:
        refused = error
    else:
        return
    assert all(fault.line and fault.message for fault in refused.faults)


@cache
def _real_gpus() -> Any:
    return _fleet(REAL).gpus


@a_thousand()
@given(page=real, data=st.data())
def test_a_page_with_another_value_or_tree_in_place_of_one(page: Path, data: st.DataObject) -> None:
    """One thing, anywhere on a real page, replaced by another one of any shape."""
    tree = yaml.load(_text(page), Loader=yaml.BaseLoader)
    holder: Any = None
    key: Any = None
    node: object = tree
    while isinstance(node, dict | list) and node and (holder is None or data.draw(st.integers(0, 9)) < 9):
        holder, key = node, data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        node = holder[key]
    if isinstance(holder, dict) and data.draw(st.booleans()):
        holder[data.draw(st.sampled_from(KEYS))] = holder.pop(key)
    else:
        holder[key] = data.draw(trees)
    _read(page, yaml.safe_dump(tree, allow_unicode=True, sort_keys=False).replace("'", ""))


@a_thousand()
@given(page=real, data=st.data())
def test_a_page_with_one_other_character(page: Path, data: st.DataObject) -> None:
    text = _text(page)
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.sampled_from("0159-_.,:%{}[]#'\"& \n\tGz") | st.characters())
    _read(page, text[:at] + data.draw(st.sampled_from(["", new, text[at] + new])) + text[at + 1 :])
