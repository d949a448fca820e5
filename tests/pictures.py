"""Pictures for the README, made from the program itself: `python -m tests.pictures` writes them to docs/pictures.

The terminal's is an SVG of what a command prints there in colour, the page's a screenshot of it in Chromium, both
at the date of the tests.
"""

from __future__ import annotations

import io
import subprocess
import sys

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

from .browser import CHROMIUM
from .command import SCRIPT, environment
from .conftest import ROOT
from .server import Server

FOLDER = ROOT / "docs" / "pictures"
MODELS = ("claude-opus-5-5", "gemini-3.6-flash", "gpt-5.6-luna")
QUESTION = (*MODELS, "-c", "150K", "-n", "50")
ADDRESS = "?" + "&".join(f"model={each}" for each in MODELS) + "&context=150K&queries=50"
COLUMNS = 80


def terminal() -> str:
    """What `cachecost compare` prints in 80 columns, as SVG without the fonts that rich would load from elsewhere."""
    env = environment(FORCE_COLOR="1", TERM="xterm-256color", COLUMNS=str(COLUMNS))
    answer = subprocess.run([SCRIPT, "compare", *QUESTION], env=env, capture_output=True, check=True).stdout
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text("$ cachecost compare " + " ".join(QUESTION), style="dim"), soft_wrap=False)
    console.print(Text.from_ansi(answer.decode()))
    picture = console.export_svg(title="cachecost", unique_id="cachecost")
    head, fonts = picture.split("@font-face", 1)
    return head + fonts[fonts.index(".cachecost-matrix") :]


def page() -> bytes:
    """The page with the same question, as PNG."""
    server = Server()
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            view = browser.new_page(
                base_url=server.url, viewport={"width": 1280, "height": 860}, reduced_motion="reduce"
            )
            view.goto(ADDRESS)
            view.get_by_text("instead of").first.wait_for()
            view.wait_for_load_state("networkidle")
            result = view.screenshot()
            browser.close()
            return result
    finally:
        server.stop()


def main() -> int:
    """Write both."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "terminal.svg").write_text(terminal(), encoding="utf-8")
    (FOLDER / "page.png").write_bytes(page())
    print(f"wrote {FOLDER.relative_to(ROOT)}/terminal.svg and page.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
