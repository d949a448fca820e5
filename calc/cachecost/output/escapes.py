"""Texts of other people, made harmless for where they are shown: a terminal, a log, a spreadsheet, markdown.

Names of models, projects, sessions and files come from logs and pages that anyone may have written. Each way out of the
program calls one function of this module on everything that it writes, whether the text is ours or not.
"""

import re

UNSEEN = re.compile(
    "[\0-\x1f\x7f-\x9f"  # control characters, line breaks and terminal sequences among them
    "\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero width, line breaks, direction
    "\ud800-\udfff\U000e0000-\U000e007f]"  # half characters, and letters that are never drawn
)
FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
"""Characters with which a cell begins that a spreadsheet runs, narrow and wide:
https://owasp.org/www-community/attacks/CSV_Injection.
Tab, carriage return and line feed belong to them too; `visible` has replaced those."""
NUMBER = re.compile(r"[+-]?[$€¥]?[0-9,]*(\.[0-9]+)?([eE][+-]?[0-9]+)?%?")
"""Figures as a table has them, and the bare dash of a cell without one."""
MARKUP = re.compile(r"[\\`*<>|\[\]]|(?<![^\W_])_|_(?![^\W_])")
"""Characters that markdown takes for markup. An underscore inside a word is none."""
MENTION = re.compile(r"(?<![\w.])@(?=\w)")
"""The sign before a name, whose owner a code forge would notify; `gpt-4o@2026-10-14` is no mention."""
MOST = 1000
"""Characters of a message that are shown."""


def visible(text: str) -> str:
    r"""The text on one line, with `\x1b`, `\n` or `\u202e` for what is not seen or would move what is.

    The escapes are valid in JSON from U+007F on; JSON escapes what is below by itself.
    """
    return text if text.isprintable() else UNSEEN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    if match[0] < " ":
        return repr(match[0])[1:-1]
    return "\\u" + match[0].encode("utf-16-be", "surrogatepass").hex(" ", 2).replace(" ", "\\u")


def visible_lines(text: str) -> str:
    """The same of each line of a text whose line breaks are ours."""
    return "\n".join(map(visible, text.split("\n")))


def in_message(text: str) -> str:
    """A line on stderr: visible, and without the middle of what is very long."""
    text = visible(text)
    return text if len(text) <= MOST else f"{text[: MOST * 3 // 4]} … {text[-MOST // 4 :]}"


def in_csv(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: it begins with an apostrophe where it would; numbers stay."""
    cell = visible(cell)
    return f"'{cell}" if cell.startswith(FORMULA) and not NUMBER.fullmatch(cell) else cell


def in_markdown(text: str) -> str:
    """A text that markdown shows as it is: without HTML, links, markup or mentions."""
    return MENTION.sub("@<!-- -->", MARKUP.sub(r"\\\g<0>", visible(text)))
