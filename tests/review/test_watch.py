"""What changed in other people's datasets, on excerpts of real releases in `recorded/`."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tarfile
import zipfile
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadDocument
from cachecost.review import peers, releases
from cachecost.review.datasets import Ours
from cachecost.review.peers import package
from cachecost.review.releases import Snapshot, changed, lock_text, locked, snapshot
from cachecost.review.watch import Finding, findings

from ..command import Ran, run

RECORDED = Path(__file__).with_name("recorded")
LATE = datetime(2026, 11, 29, tzinfo=UTC)
DAYS = [date(2026, 10, 20), date(2026, 11, 20)]
PAGE = """\
provider: {provider}
model: {model}
name: {model}
unit: USD per 1M tokens
rate_cards:
  - effective: 2026-09-01
    source: https://vendor.test/pricing
    seen: 2026-10-14
    caching: {{automatic: {{}}}}
    tiers: [{{input: {input}, cache_read: {cache_read}, output: {output}}}]
"""
BEFORE = {
    ("baseten", "beam-1.0", "reflection/Beam-1.0"): ("1.30", "0.13", "4.30"),
    ("mistral", "mistral-large-4", "mistral-large-4-0"): ("1.36", "0.14", "4.18"),
    ("perplexity", "sonar", "sonar-x"): ("1.00", "0.10", "1.00"),
    ("together", "qwen3.7-max", "Qwen/Qwen3.7-Max"): ("1.50", "0.30", "4.50"),
    ("azure", "claude-sonnet-5-5", "x"): ("2.00", "0.20", "10.00"),
}
"""Rates of five pages before they changed."""


@pytest.fixture
def before(tmp_path: Path) -> Catalog:
    """A catalogue that has not heard of the changes of November."""
    for (provider, model, alias), (fresh, read, answer) in BEFORE.items():
        page = tmp_path / "pricing" / provider / f"{model}.yaml"
        page.parent.mkdir(parents=True, exist_ok=True)
        text = PAGE.format(provider=provider, model=model, input=fresh, cache_read=read, output=answer)
        page.write_text(text.replace("unit:", f"aliases: [{alias}]\nunit:"), encoding="utf-8")
    return Catalog(tmp_path / "pricing")


def recorded(name: str, day: date | None = None) -> Snapshot:
    path = next(RECORDED.glob(f"{name}.*"))
    return snapshot(releases.dataset_of(path), path, LATE, day=day)


def litellm(catalog: Catalog, *others: str) -> list[Finding]:
    """The changes of litellm, with other recorded releases as second sources."""
    old, new = recorded("litellm-1.106.2", DAYS[0]), recorded("litellm-1.110.2", DAYS[1])
    return findings(old, new, Ours(catalog, LATE), [recorded(name) for name in others])


def test_the_forty_rates_that_litellm_changed_in_a_month_are_seen() -> None:
    """Counted by hand in the two files of 1.106.2 and 1.110.2, at providers kept here: 19 of GPT at us-gov Regions."""
    old, new = recorded("litellm-1.106.2"), recorded("litellm-1.110.2")
    moved = [each.new for each in changed(old, new, {rate.provider for rate in new.rates.values()}) if each.old]
    assert Counter(rate.provider for rate in moved if rate) == {
        "azure": 3,
        "baseten": 3,
        "bedrock": 19,
        "google": 1,
        "mistral": 6,
        "openai": 4,
        "perplexity": 1,
        "together": 3,
    }


def test_two_independent_sources_make_a_proposal_dated_by_the_one_that_states_a_day(before: Catalog) -> None:
    """genai-prices 0.2.3 dates Beam 1.0 from 2026-11-02 and Mistral Large 4 from 2026-10-29."""
    proposed = {
        (each.model, each.line): (each.old, each.new, each.ours, each.began.day, each.began.stated)
        for each in litellm(before, "genai_prices-0.2.3")
        if each.kind == "proposal" and each.model != "together/qwen3.7-max"
    }
    beam, large = date(2026, 11, 2), date(2026, 10, 29)
    assert proposed == {
        ("baseten/beam-1.0", "cache_read"): (Decimal("0.13"), Decimal("0.04"), Decimal("0.13"), beam, True),
        ("baseten/beam-1.0", "input"): (Decimal("1.3"), Decimal("0.4"), Decimal("1.30"), beam, True),
        ("baseten/beam-1.0", "output"): (Decimal("4.3"), Decimal("1.2"), Decimal("4.30"), beam, True),
        ("mistral/mistral-large-4", "cache_read"): (Decimal("0.068"), Decimal("0.07"), Decimal("0.14"), large, True),
        ("mistral/mistral-large-4", "input"): (Decimal("0.68"), Decimal("0.7"), Decimal("1.36"), large, True),
        ("mistral/mistral-large-4", "output"): (Decimal("2.09"), Decimal("2.1"), Decimal("4.18"), large, True),
    }


def test_a_day_that_no_source_states_lies_between_two_releases(before: Catalog) -> None:
    """genai-prices has Together's new rates without a day."""
    qwen = next(each for each in litellm(before, "genai_prices-0.2.3") if each.model == "together/qwen3.7-max")
    assert qwen.kind == "proposal"
    assert qwen.began == (DAYS[1], False, "came between 2026-10-20 and 2026-11-20")


def test_one_dataset_alone_asks_a_question(before: Catalog) -> None:
    """And says which others have another rate."""
    alone = [each for each in litellm(before) if each.model == "azure/claude-sonnet-5-5"]
    assert [(each.kind, each.line, each.why) for each in alone] == [
        ("question", "cache_read", "only litellm 1.110.2 has it")
    ]
    large = next(each for each in litellm(before, "model_prices-0.0.5") if each.model == "mistral/mistral-large-4")
    assert (large.kind, large.why) == ("question", "only litellm 1.110.2 has it; but model-prices 0.0.5 has 0.14")


def test_one_dataset_that_read_the_vendor_s_page_makes_a_proposal(before: Catalog) -> None:
    """model-prices 0.0.5 has Sonar's input from Perplexity's documentation, with the day that it states."""
    found = findings(recorded("model_prices-0.0.4"), recorded("model_prices-0.0.5"), Ours(before, LATE))
    sonar = next(each for each in found if (each.model, each.line) == ("perplexity/sonar", "input"))
    assert (sonar.kind, sonar.old, sonar.new) == ("proposal", Decimal(1), Decimal("0.25"))
    assert (sonar.page, sonar.began.day) == (
        "https://docs.perplexity.ai/docs/agent-api/models",
        date(2026, 10, 19),
    )


def _with(origin: str, dataset: str) -> Snapshot:
    """A release with one rate, copied from another dataset or not."""
    new = recorded("litellm-1.110.2")
    rate = next(each for each in new.rates.values() if each.model == "claude-sonnet-5-5" and each.line == "cache_read")
    return Snapshot(dataset, "1", None, {rate[:5]: rate._replace(origin=origin)})


def test_two_datasets_that_copied_a_third_are_one_source(before: Catalog) -> None:
    old, new = recorded("litellm-1.106.2"), recorded("litellm-1.110.2")
    for origin, kind in (("litellm", "question"), ("", "proposal")):
        found = findings(old, new, Ours(before, LATE), [_with(origin, "model-prices")])
        assert [each.kind for each in found if each.model == "azure/claude-sonnet-5-5"] == [kind]


def test_many_models_of_a_provider_at_once_are_a_question_however_many_have_it(tmp_path: Path) -> None:
    """Six models, all that the provider has: rather the dataset changed its ways."""
    made = next(iter(recorded("litellm-1.110.2").rates.values()))
    rates = []
    for number in range(6):
        page = tmp_path / "acme" / f"acme-{number}.yaml"
        page.parent.mkdir(exist_ok=True)
        page.write_text(PAGE.format(provider="acme", model=page.stem, input=1, cache_read="0.10", output=2))
        rates.append(made._replace(provider="acme", model=page.stem, service="standard", prompt=1_000, line="input"))
    old, new = ({rate[:5]: rate._replace(value=Decimal(value)) for rate in rates} for value in (1, 2))
    for count, kind in ((5, "proposal"), (6, "question")):
        part = dict(list(new.items())[:count])
        found = findings(
            Snapshot("a", "1", None, old), Snapshot("a", "2", None, old | part), Ours(Catalog(tmp_path), LATE),
            [Snapshot("b", "1", None, new)],
        )  # fmt: skip
        assert [each.kind for each in found] == [kind] * count


@pytest.mark.parametrize(
    ("old", "new", "came"),
    [
        ("openai-3.44.0", "openai-3.45.0", {'ttl "12h"', "usage ttl_12h_tokens", "usage ttl_30m_tokens"}),
        ("anthropic-1.0.0", "anthropic-2.14.0", set()),
        (
            "botocore-1.41.0",
            "botocore-1.44.8",
            {'CacheTTL "5m"', 'CacheTTL "1h"', 'ServiceTierType "reserved"', "usage cacheDetails"},
        ),
        (
            "google_genai-1.20.0",
            "google_genai-3.6.1",
            {f'ServiceTier "{name}"' for name in ("flex", "priority", "standard", "unspecified")}
            | {f'TrafficType "ON_DEMAND{name}"' for name in ("_FLEX", "_OFFPEAK", "_PRIORITY")},
        ),
    ],
)
def test_what_a_vendor_s_sdk_newly_knows_is_a_question(old: str, new: str, came: set[str], before: Catalog) -> None:
    """OpenAI's 12-hour writes were in its SDK on 2026-11-03, before any dataset had their rate."""
    found = findings(recorded(old), recorded(new), Ours(before, LATE))
    assert {each.line for each in found} >= came
    assert {each.kind for each in found} <= {"question"}


def test_the_terms_of_an_sdk_are_read_where_they_are_declared() -> None:
    """Anthropic's types: two lifetimes, two speeds, a count for each lifetime."""
    terms = recorded("anthropic-2.14.0").terms
    assert {'ttl "5m"', 'ttl "1h"', 'speed "fast"', "usage ephemeral_1h_input_tokens"} <= terms
    assert "usage cached_content_token_count" in recorded("google_genai-3.6.1").terms


def test_a_dated_dataset_is_read_as_of_an_instant() -> None:
    """metergraph-core: gemini-4-argon costs 2.00 from 2026-10-25 and twice that from 2026-12-01 on; 272,001 tokens
    of gpt-6-sol cost 2 x 2.00."""
    path = RECORDED / "metergraph_core-0.7.4.yaml"
    december = datetime(2026, 12, 1, tzinfo=UTC)
    place = ("google", "gemini-4-argon", "standard", 1_000, "input")
    late, later = (list(peers.rates("metergraph-core", path, at)) for at in (LATE, december))
    argon = [[rate.value for rate in rates if rate[:5] == place] for rates in (late, later)]
    assert argon == [[Decimal(2)], [Decimal(4)]]
    sol = {rate[1:5]: rate.value for rate in late if rate.provider == "openai"}
    assert sol["gpt-6-sol", "standard", 272_001, "input"] == 4


def test_openai_s_long_write_in_model_prices_is_of_twelve_hours() -> None:
    """The column "12h write" of OpenAI's page is 2.5 x the input rate of 1.00; Anthropic's hour is twice its 0.10."""
    rates = {rate[:5]: rate.value for rate in peers.rates("model-prices", RECORDED / "model_prices-0.0.5.json", LATE)}
    assert rates["openai", "gpt-6.1-terra", "standard", 1_000, "cache_write:12h"] == Decimal("2.5")
    assert rates["anthropic", "claude-haiku-5-5", "standard", 1_000, "cache_write:1h"] == Decimal("0.2")


def test_models_dev_has_rates_by_the_size_of_the_prompt(tmp_path: Path) -> None:
    """Numbers of xAI's grok-4.5 as models.dev printed them; the older key of a tier repeats the newer one."""
    long = {"input": 4.0, "output": 12.0, "cache_read": 1.0}
    cost = {"input": 2.0, "output": 6.0, "cache_read": 0.5, "context_over_200k": long}
    cost["tiers"] = [long | {"tier": {"type": "context", "size": 200_000}}]
    file = tmp_path / "api.json"
    file.write_text(json.dumps({"xai": {"models": {"grok-4.5": {"cost": cost}}}}), encoding="utf-8")
    assert releases.dataset_of(file) == "models.dev"
    assert {(rate.prompt, rate.line): rate.value for rate in peers.rates("models.dev", file, LATE)} == {
        (1_000, "input"): 2,
        (1_000, "cache_read"): Decimal("0.5"),
        (1_000, "output"): 6,
        (200_001, "input"): 4,
        (200_001, "cache_read"): 1,
        (200_001, "output"): 12,
    }


def test_aws_s_price_list_says_by_usage_types_what_it_meters(tmp_path: Path) -> None:
    """Usage types, units and rates of Claude and Nova as AWS's offers have them; capacity rented is not a rate."""
    claude, nova = {"servicename": "Claude Sonnet 4.6 (Amazon Bedrock Edition)"}, {"model": "Nova Pro"}
    listed = [
        (claude, "USE1-MP:USE1_InputTokenCount-Units", "3.30", "Units"),
        (claude, "USE1-MP:USE1_InputTokenCount_Global-Units", "3.00", "Units"),
        (claude, "USE1-MP:USE1_CacheReadInputTokenCount_Global-Units", "0.30", "Units"),
        (claude, "USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units", "6.00", "Units"),
        (claude, "USE1-MP:USE1_InputTokenCount_Global_Batch-Units", "1.50", "Units"),
        (claude, "USE1-MP:USE1_Reserved_1Month_InputTPM_Geo-Units", "9.99", "Units"),
        (claude, "EUC1-MP:EUC1_InputTokenCount-Units", "9.99", "Units"),
        (nova, "USE1-NovaPro-input-tokens", "0.0008", "1K tokens"),
        (nova, "USE1-NovaPro-cache-read-input-token-count", "0.0002", "1K tokens"),
        (nova, "USE1-NovaPro-cache-write-input-token-count", "0.0000", "1K tokens"),
    ]
    products, terms = {}, {}
    for number, (named, usage, price, unit) in enumerate(listed):
        products[str(number)] = {"attributes": named | {"usagetype": usage}}
        terms[str(number)] = {"t": {"priceDimensions": {"d": {"unit": unit, "pricePerUnit": {"USD": price}}}}}
    file = tmp_path / "index.json"
    file.write_text(json.dumps({"products": products, "terms": {"OnDemand": terms}}), encoding="utf-8")
    assert {(rate.model, rate.service, rate.line): rate.value for rate in peers.rates("aws", file, LATE)} == {
        ("claude-sonnet-4-6", "standard", "input"): 3,
        ("claude-sonnet-4-6", "standard", "cache_read"): Decimal("0.3"),
        ("claude-sonnet-4-6", "standard", "cache_write:1h"): 6,
        ("claude-sonnet-4-6", "batch", "input"): Decimal("1.5"),
        ("nova-pro", "standard", "input"): Decimal("0.8"),
        ("nova-pro", "standard", "cache_read"): Decimal("0.2"),
        ("nova-pro", "standard", "cache_write"): 0,
    }


def test_a_release_is_read_without_being_imported(tmp_path: Path) -> None:
    """A wheel and a source distribution whose code would fail; both have the rates of the bare file."""
    source = RECORDED.joinpath("genai_prices-0.2.3.txt").read_bytes()
    files = {"genai_prices/data.py": source, "genai_prices/__init__.py": b"raise SystemExit('imported')"}
    wheel, packed = tmp_path / "genai_prices-0.2.3-py3-none-any.whl", tmp_path / "genai_prices-0.2.3.tar.gz"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 9, 0, 0, 0)), content)
    with tarfile.open(packed, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(f"genai_prices-0.2.3/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    bare = list(peers.rates("genai-prices", RECORDED / "genai_prices-0.2.3.txt", LATE))
    assert bare == list(peers.rates("genai-prices", wheel, LATE)) == list(peers.rates("genai-prices", packed, LATE))
    assert {package.version_of(path) for path in (wheel, packed)} == {"0.2.3"}
    assert (package.day_of(wheel), package.day_of(packed)) == (date(2026, 11, 9), None)


@pytest.mark.external
@pytest.mark.skipif(find_spec("genai_prices") is None, reason="genai-prices is not installed (extra `peers`)")
def test_the_source_text_of_genai_prices_says_what_the_library_answers() -> None:
    """Standard rates of every model, read off the text and asked of the library."""
    from genai_prices.data import providers

    ours = {rate[1:5]: rate.value for rate in peers.rates("genai-prices", None, LATE) if rate.service == "standard"}
    asked = 0
    for provider in providers:
        for model in provider.models:
            price = model.get_prices(LATE).input_mtok
            if price is not None:
                key = (model.id, "standard", 1_000, "input")
                same_name = sum(each.id == model.id for other in providers for each in other.models)
                asked += same_name == 1
                assert same_name > 1 or ours[key] == getattr(price, "base", price)
    assert asked > 1_000


def test_a_watch_that_is_remembered_confirms_the_rates_that_a_dataset_has(tmp_path: Path) -> None:
    """Haiku 5.5 at its first price of 0.10, 0.01 and 0.50; the page has another answer rate than litellm."""
    page = tmp_path / "anthropic" / "claude-haiku-5-5.yaml"
    page.parent.mkdir()
    text = PAGE.format(provider="anthropic", model="claude-haiku-5-5", input="0.10", cache_read="0.01", output="0.60")
    page.write_text(text, encoding="utf-8")
    words = ("--from", RECORDED / "litellm-1.110.2.json", "--write", "--prices", tmp_path)
    assert run("prices", "watch", *words).code == 0
    confirmed = (tmp_path / "confirmed" / "anthropic.csv").read_text(encoding="utf-8").splitlines()
    assert confirmed == [
        "day,source,version,model,rates",
        "2026-11-22,litellm,1.110.2,claude-haiku-5-5,cache_read=0.01 input=0.1",
    ]


def _haiku(folder: Path, caching: str, *rows: str) -> tuple[Path, Path]:
    """A catalogue of one page, and a release of litellm that has 0.10, 0.01 and 0.50 for its model."""
    page = folder / "pricing" / "anthropic" / "claude-haiku-5-5.yaml"
    page.parent.mkdir(parents=True)
    head = PAGE.format(provider="anthropic", model="claude-haiku-5-5", input="", cache_read="", output="")
    text = head.partition("    caching:")[0]
    page.write_text(f"{text}    caching: {{{caching}}}\n    tiers: [{', '.join(rows)}]\n", encoding="utf-8")
    file = folder / "litellm-1.110.2.json"
    costs = {"input_cost_per_token": 1e-07, "cache_read_input_token_cost": 1e-08, "output_cost_per_token": 5e-07}
    entry = {"litellm_provider": "anthropic", "mode": "chat"} | costs
    file.write_text(json.dumps({"claude-haiku-5-5": entry}), encoding="utf-8")
    return folder / "pricing", file


@pytest.mark.parametrize("hour", [12, 15])
def test_the_hour_of_a_watch_changes_nothing(hour: int, tmp_path: Path) -> None:
    """In Beijing it is 20:00 or 23:00; from 22:00 to 8:00 the page has half its rates, and a release has one rate for
    the day. Its rate of busy hours is confirmed, its rate of idle ones is no difference, whatever the clock says."""
    idle = "{window: {hours: 22:00-08:00, zone: Asia/Shanghai}, input: 0.05, cache_read: 0.01, output: 0.25}"
    pricing, file = _haiku(tmp_path, "automatic: {}", "{input: 0.10, cache_read: 0.02, output: 0.50}", idle)
    at = datetime(2026, 11, 22, hour, tzinfo=UTC)
    now = {"SOURCE_DATE_EPOCH": str(int(at.timestamp()))}
    assert run("prices", "watch", "--from", file, "--write", "--prices", pricing, env=now).code == 0
    confirmed = (pricing / "confirmed" / "anthropic.csv").read_text(encoding="utf-8").splitlines()
    assert confirmed[1:] == ["2026-11-22,litellm,1.110.2,claude-haiku-5-5,input=0.1 output=0.5"]
    compared = run("prices", "compare", "litellm", file, "--prices", pricing, env=now)
    assert "3 rates compared with litellm: 0 disagree" in compared.out


def test_rates_of_some_hours_are_read_whatever_the_hour(tmp_path: Path) -> None:
    """0.15 and from 1 to 4 and 6 to 10 UTC 0.30, as genai-prices has DeepSeek V4 Flash since 2026-09-10."""
    file = tmp_path / "data.py"
    hours = "".join(
        f"ConditionalPrice(constraint=TimeOfDateConstraint(start_time=datetime.time({begins}, 0), "
        f"end_time=datetime.time({ends}, 0)), prices=ModelPrice(input_mtok=Decimal('0.30'))), "
        for begins, ends in ((1, 4), (6, 10))
    )
    file.write_text(
        "providers: list[Provider] = [Provider(id='deepseek', models=[ModelInfo(id='deepseek-v4-flash', prices=["
        "ConditionalPrice(prices=ModelPrice(input_mtok=Decimal('0.20'))), "
        "ConditionalPrice(constraint=StartDateConstraint(start_date=datetime.date(2026, 9, 10)), "
        f"prices=ModelPrice(input_mtok=Decimal('0.15'))), {hours}])])]\n",
        encoding="utf-8",
    )
    for hour in (2, 5, 7, 20):
        rates = peers.rates("genai-prices", file, LATE.replace(hour=hour))
        assert [(str(each.value), each.since) for each in rates] == [("0.30", ""), ("0.30", ""), ("0.15", "2026-09-10")]
        (kept,) = snapshot("genai-prices", file, LATE.replace(hour=hour)).rates.values()
        assert str(kept.value) == "0.15"


def test_a_read_of_any_kind_counts(tmp_path: Path) -> None:
    """Implicit hits at 20% of input and explicit ones at 10%; litellm has the second."""
    row = "{input: 0.10, cache_write: {5m: 0.125}, cache_read: {automatic: 0.02, written: 0.01}, output: 0.50}"
    pricing, file = _haiku(tmp_path, "automatic: {}, written: {default_ttl: 5m}", row)
    compared = run("prices", "compare", "litellm", file, "--prices", pricing)
    assert "3 rates compared with litellm: 0 disagree" in compared.out


def test_two_releases_alike_have_one_digest_and_a_lock_reads_back(tmp_path: Path) -> None:
    old, new = recorded("litellm-1.106.2"), recorded("litellm-1.110.2")
    assert old.digest() == recorded("litellm-1.106.2").digest() != new.digest()
    file = tmp_path / "watch.lock"
    locks = {"litellm": locked(file).get("litellm") or releases.Locked("1.110.2", DAYS[1], new.digest())}
    file.write_text(lock_text(locks), encoding="utf-8")
    assert locked(file) == locks
    file.write_text("litellm: {version: 1, day: soon, cells: 0}\n", encoding="utf-8")
    with pytest.raises(BadDocument, match=r"watch\.lock:1: litellm\.day"):
        locked(file)


def test_the_command_counts_what_asks_for_nothing_and_remembers_the_releases(before: Catalog) -> None:
    """In JSON every change; on a screen the proposals and questions."""
    files = ("--previous", RECORDED / "litellm-1.106.2.json", "--from", RECORDED / "litellm-1.110.2.json")
    words = (*files, "--from", RECORDED / "genai_prices-0.2.3.txt", "--between", "2026-10-20..2026-11-20")
    shown = run("prices", "watch", *words, "--write", "--prices", before.folder)
    assert shown.code == 0, shown.err
    assert "proposal: baseten/beam-1.0: cache_read 0.13 → 0.04, input 1.3 → 0.4, output 4.3 → 1.2;" in shown.out
    assert "litellm 1.110.2 since 1.106.2" in shown.out
    assert set(locked(before.folder / "watch.lock")) == {"genai-prices", "litellm"}
    answer = run("prices", "watch", *words, "--json", "--prices", before.folder).json
    assert (
        sum(each["old"] is not None for each in answer["changes"]) == 16
    )  # 3 of Azure, 3 of Baseten, 6 of Mistral, 1, 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "prices.json"], "not named like a release of a known dataset"),
        (["--previous", RECORDED / "litellm-1.106.2.json"], "no file of the same dataset is given with --from"),
        (["--from", RECORDED / "litellm-9.json"], "no such file"),
        (["--from", RECORDED / "litellm-1.106.2.json", "--between", "May"], "expected 2026-10-20..2026-11-20"),
        (["litellm", "--from", RECORDED / "litellm-1.106.2.json"], "leave the datasets out"),
        (["vercel"], "'vercel' is not a known dataset"),
        (["--between", "2026-10-20..2026-11-20"], "needs --from and --previous"),
    ],
)
def test_a_watch_that_cannot_be_is_refused_in_one_line(words: list[object], said: str, before: Catalog) -> None:
    answer = run("prices", "watch", *words, "--prices", before.folder)
    assert (answer.code, answer.err.count("\n")) == (2, 1), answer.err
    assert said in answer.err


@pytest.mark.parametrize(("name", "file"), [("models.dev", "api.json"), ("aws", "index.json")])
def test_a_dataset_that_is_no_package_wants_its_file(name: str, file: str) -> None:
    answer = run("prices", "compare", name)
    assert (answer.code, answer.err) == (
        2, f"cachecost: {name} is no package; expected its file, {file}, behind its name\n"
    )  # fmt: skip


@pytest.mark.parametrize("name", ["litellm-1.0.json", "genai_prices-1.0.txt", "model_prices-1.0.json",
                                  "metergraph_core-1.0.yaml", "api.json", "index.json", "litellm-1.0.whl"])  # fmt: skip
def test_a_file_that_is_no_dataset_is_refused_with_its_name(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text("[1, 2", encoding="utf-8")
    with pytest.raises(BadDocument, match=name.replace(".", r"\.")):
        snapshot(releases.dataset_of(file), file, LATE)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"xai": {"models": {"grok-4.5": {"cost": {"input": "dear"}}}}}', "it has other keys or values"),
        ('{"xai": 1}', "it has other keys or values"),
        ("[1]", "it has other keys or values"),
        ("dear", r"Expecting value: line 1 column 1 \(char 0\)"),
    ],
)
def test_a_file_of_other_content_is_refused_in_words(content: str, why: str, tmp_path: Path) -> None:
    """A price that is no number, a provider and a file that are no objects, and a text that is no JSON; the reason
    names no class of Python."""
    file = tmp_path / "api.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadDocument, match=rf"api\.json: cannot be read as api\.json: {why}$"):
        list(peers.rates("models.dev", file, LATE))


@pytest.mark.external
def test_releases_come_from_the_index_that_pip_is_configured_for(
    tmp_path: Path, before: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here a folder of wheels; the second watch begins where the first one ended."""
    shelf = tmp_path / "wheels"
    shelf.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    said = []
    for version in ("1.106.2", "1.110.2"):
        with zipfile.ZipFile(shelf / f"litellm-{version}-py3-none-any.whl", "w") as wheel:
            inside = "litellm/model_prices_and_context_window_backup.json"
            wheel.writestr(inside, (RECORDED / f"litellm-{version}.json").read_bytes())
            info = f"litellm-{version}.dist-info"
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: litellm\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
        answer = run("prices", "watch", "litellm", "--write", "--json", "--prices", before.folder)
        assert answer.code == 0, answer.err
        said.append((answer.json["releases"], len([1 for each in answer.json["changes"] if each["old"]])))
    assert said == [(["litellm 1.106.2 as a second source"], 0), (["litellm 1.110.2 since 1.106.2"], 16)]


def _propose(catalog: Catalog, *words: object) -> Ran:
    files = ("--previous", RECORDED / "litellm-1.106.2.json", "--from", RECORDED / "litellm-1.110.2.json")
    more = ("--from", RECORDED / "genai_prices-0.2.3.txt", "--between", "2026-10-20..2026-11-20")
    return run("prices", "propose", *words, *files, *more, "--prices", catalog.folder)


def test_a_proposal_becomes_a_card_with_its_day_its_sources_and_the_text_of_the_pull_request(before: Catalog) -> None:
    """Beam 1.0 from $1.30 to $0.40 for input, from the day that genai-prices states; the page was not seen."""
    answer = _propose(before, "beam-1.0")
    assert answer.code == 0, answer.err
    for part in (
        "new rates from 2026-11-02 00:00 UTC",
        "| standard, any size | input | $1.30 | $0.40 |",
        "first day stated by genai-prices",
        "litellm 1.110.2 and genai-prices 0.2.3 have it",
    ):
        assert part in answer.out, part
    card = Catalog(before.folder).sheet("beam-1.0").cards[-1]
    assert f"{card.effective:%Y-%m-%d}" == "2026-11-02"
    assert {name: rate.value for name, rate in card.plain_row().rates.items()} == {
        "input": Decimal("0.40"),
        "cache_read": Decimal("0.04"),
        "output": Decimal("1.20"),
    }
    assert card.sources == ("PyPI litellm 1.110.2", "PyPI genai-prices 0.2.3")
    assert (card.confidence, card.note) == (
        "medium",
        "First day stated by genai-prices. The vendor's page was not seen.",
    )


def test_a_bracketed_day_is_said_on_the_card(before: Catalog) -> None:
    answer = _propose(before, "qwen3.7-max", "--dry-run")
    assert "  - effective: 2026-11-20\n    confidence: medium\n" in answer.out
    assert 'note: "Came between 2026-10-20 and 2026-11-20. The vendor\'s page was not seen."' in answer.out
    assert len(Catalog(before.folder).sheet("qwen3.7-max").cards) == 1


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_branch_holds_the_pages_of_a_provider_and_its_table(before: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else that was changed in the working tree is committed with them."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "t")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "t@example.com")

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=before.folder, check=True, capture_output=True, text=True).stdout

    assert run("prices", "table", "--prices", before.folder, "--out", before.folder).code == 0
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "one")
    (before.folder / "NOTES.md").write_text("mine", encoding="utf-8")
    answer = _propose(before, "mistral/", "--branch", "prices/mistral")
    assert answer.code == 0, answer.err
    assert git("log", "--format=%s", "main..prices/mistral") == "Change rates of mistral-large-4\n"
    changed_files = git("diff", "--name-only", "main", "prices/mistral").split()
    assert changed_files == ["mistral/README.md", "mistral/mistral-large-4.yaml"]
    assert "$0.70" in (before.folder / "mistral" / "README.md").read_text(encoding="utf-8")
    refused = _propose(before, "together/", "--branch", "prices/mistral")
    assert refused.code == 2
    assert "branch prices/mistral cannot be begun" in refused.err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "claude-sonnet-5-5",
            "nothing is proposed for azure/claude-sonnet-5-5; there are proposals for baseten/beam-1.0",
        ),
        ("google/", "nothing is proposed for google/"),
        ("no-such-model", "no-such-model"),
    ],
)
def test_what_is_not_proposed_is_refused_with_what_is(name: str, said: str, before: Catalog) -> None:
    answer = _propose(before, name)
    assert (answer.code, answer.err.count("\n")) == (2, 1), answer.err
    assert said in answer.err


def test_a_correction_of_a_card_in_force_is_left_to_a_person(before: Catalog) -> None:
    """The card of the page begins after the day that genai-prices states."""
    page = before.folder / "baseten" / "beam-1.0.yaml"
    page.write_text(page.read_text(encoding="utf-8").replace("2026-09-01", "2026-11-03"), encoding="utf-8")
    answer = _propose(before, "beam-1.0")
    assert answer.code == 2
    assert "a correction of a card in force is made by hand" in answer.err
