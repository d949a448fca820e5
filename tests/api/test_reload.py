"""Price sheets change while the server runs: all at once, only for the better, and it says what it refused."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from cachecost.catalog.catalog import Catalog
from cachecost.errors import UnknownModel
from cachecost_api import create_app
from cachecost_api.sheets import Shelf

from ..command import shelf as shelved
from ..conftest import PATIENCE

GEMINI, GPT = "google/gemini-2.5-pro", "openai/gpt-4o"
ASK = {"model": "gemini-2.5-pro", "context": "100K", "queries": "10", "as_of": "2026-11-01", "strategy": "fresh"}
ASK |= {"question": "0", "answer": "0"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shelved(tmp_path, GEMINI, GPT)


def edit(folder: Path, model: str, old: str, new: str) -> None:
    """Change a page as an editor does: another file in its place."""
    page = folder / f"{model}.yaml"
    text = page.read_text(encoding="utf-8")
    assert old in text
    part = page.with_suffix(".part")
    part.write_text(text.replace(old, new), encoding="utf-8")
    part.replace(page)


def sets(client: TestClient) -> Shelf:
    result: Shelf = client.app.state.shelf  # type: ignore[attr-defined]
    result.patience = 0
    return result


def test_an_edit_comes_into_force_and_old_answers_go_with_the_old_set(folder: Path) -> None:
    """Input at ten times the rate, and every answer is ten times as dear: 10 x 100K fresh at $1.25, then at $12.50."""
    client = TestClient(create_app(folder, reload=0))
    assert client.get("/v1/cost.txt", params=ASK).text == "1.25"
    before = client.get("/version").json()["sheets"]["digest"]
    tag = client.get("/v1/compare", params=ASK).headers["etag"]
    edit(folder, GEMINI, "input: 1.25", "input: 12.50")
    assert client.get("/v1/cost.txt", params=ASK).text == "1.25", "nothing is half in force"
    assert sets(client).look()
    assert client.get("/v1/cost.txt", params=ASK).text == "12.5"
    assert client.get("/version").json()["sheets"]["digest"] != before
    assert client.get("/v1/compare", params=ASK, headers={"If-None-Match": tag}).status_code == 200


def told_by(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name == "cachecost.sheets"]


def test_a_broken_edit_keeps_the_last_good_set_in_force_and_is_reported(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The file and the fault stand in /healthz and in the log; other edits wait with it; a repair clears it."""
    client = TestClient(create_app(folder, reload=0))
    assert client.get("/healthz").json()["status"] == "ok"
    logging.getLogger("cachecost.sheets").addHandler(caplog.handler)
    edit(folder, GEMINI, "input: 1.25", "input: cheap")
    edit(folder, GPT, "name: GPT-4o", "name: GPT-4o renamed")
    assert not sets(client).look()
    health = client.get("/healthz")
    assert (health.status_code, health.json()["status"]) == (200, "degraded")
    fault = health.json()["faults"][0]
    assert fault["file"].endswith("google/gemini-2.5-pro.yaml")
    assert "'cheap'" in fault["message"]
    assert "gemini-2.5-pro.yaml" in told_by(caplog)[-1].faults[0]  # type: ignore[attr-defined]
    assert client.get("/v1/cost.txt", params=ASK).text == "1.25"
    assert client.get(f"/v1/models/{GPT}").json()["name"] == "GPT-4o"
    messages = len(told_by(caplog))
    assert not sets(client).look()
    assert len(told_by(caplog)) == messages, "the same fault is told once"
    edit(folder, GEMINI, "input: cheap", "input: 1.50")
    assert sets(client).look()
    assert client.get("/healthz").json() | {"loaded": ""} == {"status": "ok", "sheets": 2, "loaded": "", "faults": []}
    assert client.get(f"/v1/models/{GPT}").json()["name"] == "GPT-4o renamed"
    logging.getLogger("cachecost.sheets").removeHandler(caplog.handler)


def test_a_page_that_goes_is_gone_and_one_that_comes_is_there(folder: Path) -> None:
    """A set is what stands in the folder, no more and no less."""
    client = TestClient(create_app(folder, reload=0))
    assert client.get(f"/v1/models/{GPT}").status_code == 200
    (folder / f"{GPT}.yaml").unlink()
    assert client.get(f"/v1/models/{GPT}").status_code == 200
    assert sets(client).look()
    assert client.get(f"/v1/models/{GPT}").status_code == 404
    shelved(folder, GPT)
    assert sets(client).look()
    assert client.get(f"/v1/models/{GPT}").status_code == 200


def test_pages_that_vanish_for_a_moment_stay_in_force(folder: Path) -> None:
    """A checkout half-way through: /healthz says what is gone, and every model still answers; then all is as before."""
    app = create_app(folder, reload=0)
    client, shelf = TestClient(app), app.state.shelf
    assert client.get(f"/v1/models/{GPT}").status_code == 200
    page = folder / f"{GPT}.yaml"
    page.rename(folder / "aside")
    assert not shelf.look()
    health = client.get("/healthz").json()
    assert (health["status"], health["sheets"]) == ("degraded", 2)
    assert health["faults"][0]["message"].startswith(f"1 page is gone, such as {page}; they stay in force until")
    assert client.get(f"/v1/models/{GPT}").status_code == 200
    (folder / "aside").rename(page)
    assert not shelf.look()
    assert client.get("/healthz").json()["status"] == "ok"


def test_a_folder_that_is_moved_away_is_a_fault_and_reported_once(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The last set stays in force, and the log is not filled by every look."""
    client = TestClient(create_app(folder, reload=0))
    assert client.get("/v1/cost.txt", params=ASK).text == "1.25"
    logging.getLogger("cachecost.sheets").addHandler(caplog.handler)
    folder.rename(folder.with_name("elsewhere"))
    assert not sets(client).look()
    messages = len(told_by(caplog))
    assert not any(sets(client).look() for _ in range(5))
    assert len(told_by(caplog)) == messages > 0
    health = client.get("/healthz").json()
    assert health["status"] == "degraded"
    assert health["faults"][0]["message"] == "cannot be read: No such file or directory"
    assert client.get("/v1/cost.txt", params=ASK | {"queries": "20"}).text == "2.5"
    folder.with_name("elsewhere").rename(folder)
    assert not sets(client).look()
    assert client.get("/healthz").json()["status"] == "ok"
    logging.getLogger("cachecost.sheets").removeHandler(caplog.handler)


def test_what_lies_beside_the_pages_is_no_page(folder: Path) -> None:
    """A lock of an editor, a companion file of a share, a FIFO: no fault, no wait, and edits come into force."""
    client = TestClient(create_app(folder, reload=0))
    assert client.get("/v1/cost.txt", params=ASK).text == "1.25"
    (folder / "google/.#gemini-2.5-pro.yaml").symlink_to("user@host.1:2")
    (folder / "google/._gemini-2.5-pro.yaml").write_bytes(b"\0\5\26\7")
    os.mkfifo(folder / "google/pipe.yaml")
    assert len(Catalog(folder).sheets()) == 2
    edit(folder, GEMINI, "input: 1.25", "input: 12.50")
    assert sets(client).look()
    assert client.get("/v1/cost.txt", params=ASK).text == "12.5"
    assert client.get("/healthz").json()["status"] == "ok"


def test_a_price_that_is_reverted_is_not_answered_any_more(folder: Path) -> None:
    """A question is answered from the sheets under which its answer is kept, even where they changed while it waited:
    1.25 before, a wrong price for a moment, 1.25 after."""
    app = create_app(folder, reload=0)
    client, run = TestClient(app), app.state.workers.run
    assert client.get("/v1/cost.txt", params=ASK).text == "1.25"

    async def while_a_wrong_price_is_in_force(*asked: Any) -> Any:
        shelf = app.state.shelf
        edit(folder, GEMINI, "input: 1.25", "input: 7.77")
        assert shelf.look()
        result = await run(*asked)
        edit(folder, GEMINI, "input: 7.77", "input: 1.25")
        assert shelf.look()
        return result

    app.state.workers.run = while_a_wrong_price_is_in_force
    more = ASK | {"queries": "20"}
    assert client.get("/v1/cost.txt", params=more).text == "2.5"
    app.state.workers.run = run
    assert client.get("/v1/cost.txt", params=more).text == "2.5"


def test_a_folder_that_disappears_changes_nothing(folder: Path, tmp_path: Path) -> None:
    """Nor does one without pages: the set in force stays."""
    result = Shelf(folder)
    result.patience = 0
    assert result.current.catalog.sheet("gpt-4o").model == "gpt-4o"
    for provider in ("google", "openai"):
        for page in (folder / provider).glob("*.yaml"):
            page.unlink()
    assert not result.look()
    assert result.current.catalog.sheet("gpt-4o").model == "gpt-4o"
    assert "holds no price sheets" in result.faults_now[0].message


def test_a_set_that_is_broken_from_the_start_serves_what_is_right(folder: Path) -> None:
    """One page is refused with its fault, the others answer, and the state is reported."""
    edit(folder, GEMINI, "input: 1.25", "input: cheap")
    client = TestClient(create_app(folder, reload=0))
    refused = client.get("/v1/compare", params=ASK)
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:cachecost:bad-sheet")
    assert [each["model"] for each in client.get("/v1/models").json()["models"]] == [GPT]
    assert client.get("/healthz").json()["status"] == "degraded"


def test_a_folder_without_sheets_is_a_problem(tmp_path: Path) -> None:
    """503, and what is expected there."""
    for folder in (tmp_path, tmp_path / "nowhere"):
        answer = TestClient(create_app(folder, reload=0)).get("/v1/models")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:cachecost:bad-sheet")


def test_pages_that_are_held_are_found_by_the_same_names_as_pages_on_disk(catalog: Catalog) -> None:
    """Ids, bare names and aliases, and names that no page claims, with the same suggestions."""
    disk = Catalog(catalog.folder)
    names = sorted({name for sheet in catalog.sheets() for name in (sheet.id, *sheet.names)})
    for name in [*names[::120], "gpt-4", "google/nothing", "no/such/model", "..", "", "claude"]:
        assert named(catalog, name) == named(disk, name)


def named(catalog: Catalog, name: str) -> str:
    try:
        return catalog.sheet(name).id
    except UnknownModel as error:
        return str(error)


def test_the_watch_looks_by_itself(folder: Path) -> None:
    """An edit is in force soon after it was saved, without a request."""
    seen: list[str] = []
    with TestClient(create_app(folder, reload=20 / 1000)) as client:
        assert client.get("/v1/cost.txt", params=ASK).text == "1.25"
        edit(folder, GEMINI, "input: 1.25", "input: 12.50")
        for _ in range(50 * PATIENCE):
            seen.append(client.get("/v1/cost.txt", params=ASK).text)
            if seen[-1] == "12.5":
                break
            sets(client)._stop.wait(20 / 1000)
    assert seen[-1] == "12.5"
    assert set(seen) <= {"1.25", "12.5"}


def scraped(client: TestClient) -> dict[str, Any]:
    """Every sample by its name and labels, read by the parser of another project."""
    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for each in families
        for sample in each.samples
    }


def test_prometheus_reads_every_rate_in_force(folder: Path) -> None:
    """One sample a rate, equal to the flat list of prices, each with different labels."""
    client = TestClient(create_app(folder, reload=0))
    result = scraped(client)
    rates = [dict(labels) | {"value": value} for (name, labels), value in result.items() if name == "cachecost_rate"]
    flat = client.get("/v1/prices").json()
    assert len(rates) == len(flat)
    assert sorted((r["model"], r["kind"], r["service"], r["value"]) for r in rates) == sorted(
        (f["model"], f["kind"], f["service"], float(f["rate"])) for f in flat
    )
    tiers = {
        r["tier"]: r["value"] for r in rates if (r["model"], r["kind"], r["service"]) == (GEMINI, "input", "standard")
    }
    assert tiers == {"0-200000": 1.25, "200001-": 2.5}
    assert result["cachecost_sheets", ()] == 2


def test_requests_are_counted_by_route_and_never_by_question(folder: Path) -> None:
    """A hundred questions are one series; an unknown path is `other`."""
    client = TestClient(create_app(folder, reload=0))
    for n in range(1, 101):
        client.get("/v1/compare", params=ASK | {"queries": str(n)})
    client.get("/v1/compare", params=ASK | {"queries": "7"})
    client.get("/v1/models/google/gemini-2.5-pro")
    client.get("/secret/path")
    counted = {
        (labels["route"], labels["status"]): value
        for (name, pairs), value in scraped(client).items()
        if name == "cachecost_requests_total" and (labels := dict(pairs))
    }
    assert counted == {
        ("/v1/compare", "200"): 101,
        ("/v1/models/{provider}/{model}", "200"): 1,
        ("other", "404"): 1,
    }


def test_without_the_extra_metrics_say_how_to_get_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """501 and the command; everything else answers."""
    monkeypatch.setitem(__import__("sys").modules, "prometheus_client", None)
    client = TestClient(create_app(folder, reload=0))
    answer = client.get("/metrics")
    assert answer.status_code == 501
    assert '[metrics]"' in answer.json()["detail"]
    assert client.get("/v1/models").status_code == 200
