"""The page of a report in a real browser: on a telephone and on a screen, light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ... import replay_logs as logs
from ...command import run

pytest_plugins = ["tests.browser"]


@pytest.mark.parametrize(
    ("width", "scheme"),
    [  # each width and each scheme; the other pairs in test-all
        (360, "dark"),
        (1200, "light"),
        pytest.param(360, "light", marks=pytest.mark.external),
        pytest.param(1200, "dark", marks=pytest.mark.external),
    ],
)
def test_the_page_fits_every_screen_in_both_schemes(context: Any, tmp_path: Path, width: int, scheme: str) -> None:
    """Nothing reaches over the edge, the text stands out from its ground by 4.5 to 1 or more (WCAG 2.2, 1.4.3), and
    a day without requests has a row."""
    rows = [*logs.ROWS, logs.ROWS[3] | {"at": "2026-11-04T10:00:00Z", "id": "9"}]
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.set_content(run("replay", logs.write(tmp_path, rows=rows), "--format", "html").out)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for part in ("h1", ".note", "dt"):
        ink, ground = page.evaluate(
            """part => [getComputedStyle(document.querySelector(part)).color,
                        getComputedStyle(document.body).backgroundColor]""",
            part,
        )
        assert contrast(ink, ground) >= 4.5, (part, ink, ground)
    days = page.locator("figure").first.locator("li").all_inner_texts()
    assert [day.split()[0] for day in days] == ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"]
    assert days[2].split()[-1] == "$0.00"
    marks = page.locator("figure").nth(1).locator("li", has_text="no cache")
    assert "▲ 15% more" in marks.inner_text()  # 1.53165 against 1.33315
    assert "repeating-linear-gradient" in marks.locator("i").evaluate("each => getComputedStyle(each).backgroundImage")
    page.close()


def contrast(*colours: str) -> float:
    """The ratio of two colours such as `rgb(1, 2, 3)`: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    lights = []
    for colour in colours:
        parts = [int(part) / 255 for part in colour[4:-1].split(",")]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        lights.append(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    return (max(lights) + 0.05) / (min(lights) + 0.05)
