"""One word of a question, whatever the question is about, and the words that several questions share."""

from keyword import iskeyword
from typing import NamedTuple


class Word(NamedTuple):
    """One word: `metavar` stands for its value in a help text, `example` works beside nothing but a model and a
    context (empty where it needs another word), `short` is a short flag, `flag` the usual one where it differs from the
    name, which then works too, `local` means a file of the user. A word whose default is () may be given more than
    once."""

    name: str
    default: str | bool | tuple[()]
    metavar: str
    help: str
    example: str = ""
    short: str = ""
    local: bool = False
    flag: str = ""

    @property
    def flags(self) -> list[str]:
        """The names of its flag, the usual one first."""
        return [*filter(None, (self.flag, f"--{self.name.replace('_', '-')}", self.short))]

    @property
    def field(self) -> str:
        """The word as a name in Python: `for_`."""
        return f"{self.name}_" if iskeyword(self.name) else self.name


HIT_SHARE = Word("hit_share", "", "SHARE", "Share of later queries that hit: 0.75, 75%.", "0.75", flag="--hit-rate")
SWITCH_TO = Word("switch_to", "", "MODEL", "Go on with this model in mid-conversation.", "gpt-5.6-luna")
AT_TURN = Word("at_turn", "", "K", "The first turn on it (default: the second).", "8")
TOKEN_RATIO = Word(
    "token_ratio", "", "N", "Its tokens for one of the first model's: 1.1 (default: by their families).", "1.1"
)
TO = Word("to", "10%", "SHARE|TOKENS", "How long a summary is: 10%, 1/20, 15K.", "10%")
SWITCH = (SWITCH_TO, AT_TURN, TOKEN_RATIO)
"""The words of a conversation that goes on with another model."""
