"""What a log says of one request, in one shape for every format; and of money that it states without tokens."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from ..prices.card import STANDARD
from ..prices.usage import Usage


class Product(NamedTuple):
    """What tells, beside time and size, under which rates a request falls."""

    model: str
    provider: str
    service: str
    region: str | None
    thinking: bool

    @property
    def named(self) -> str:
        """The model as a person would look for it in the log."""
        return f"{self.provider}/{self.model}" if self.provider and self.model else self.model


class Request(NamedTuple):
    """One request, or `count` of them added up where a source only has sums (`lasting` is then their bucket's length).

    `at`: an instant with a zone, None where the log has no time. `model` and `provider` as the log writes them
    (provider empty where it does not). `usage`: disjoint token counts, thoughts in `output`. `prompt`: tokens that
    select the tier where the usage is a sum; `window`: the least and the most that they can be. `region`: one that was
    asked for, or the `location:` where it ran. `session`: what says which requests share a prefix. `blocks`: chained
    ids of the prefix in blocks of 512 tokens. `paid`: what the log says it cost, in `currency`. `id`: what makes a
    record a duplicate of another. `labels`: what else was asked for, such as its user. `missed`: the vendor's reason
    why a cache missed, and of how many tokens. `calls`: how often tools were called that cost a fee beside tokens.
    """

    at: datetime | None
    model: str
    usage: Usage
    provider: str = ""
    service: str = STANDARD
    region: str | None = None
    session: str | None = None
    project: str | None = None
    id: str | None = None
    paid: Decimal | None = None
    currency: str = "USD"
    count: int = 1  # type: ignore[assignment]  # a tuple counts too, under the same name
    lasting: timedelta | None = None
    prompt: int | None = None
    window: tuple[int, int] | None = None
    blocks: tuple[int, ...] = ()
    thinking: bool = False
    labels: tuple[tuple[str, str], ...] = ()
    missed: tuple[str, int] | None = None
    calls: tuple[tuple[str, int], ...] = ()

    def label(self, word: str) -> str | None:
        """What a breakdown by a word counts it under: its session, project, user, team, tag or key."""
        return getattr(self, word) if word in ("session", "project") else dict(self.labels).get(word)

    @property
    def product(self) -> Product:
        return Product(self.model, self.provider, self.service, self.region, self.thinking)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """The tokens that select the tier: the least that they can be, those that are taken, and the most.

        All three are the same for one request. Requests of a sum whose number is not known are taken as short.
        """
        whole = self.usage.prompt
        if self.lasting is None or (self.count == 1 and self.prompt is not None):
            return (whole if self.prompt is None else self.prompt,) * 3
        least, most = self.window or (min(1, whole), whole - self.count + 1)
        most = max(least, min(most, whole))
        return least, least if self.prompt is None else self.prompt, most

    @property
    def is_single(self) -> bool:
        """Whether it is one request, to which limits of a model apply, and no sum of several."""
        return self.count == 1 and self.lasting is None and self.prompt is None


class Charge(NamedTuple):
    """Money that a source states without the tokens it was paid for: a line of a cost report. `id`: what makes it a
    duplicate of another."""

    at: datetime | None
    amount: Decimal
    currency: str
    item: str
    model: str = ""
    project: str | None = None
    lasting: timedelta | None = None
    id: str | None = None


class Skipped(NamedTuple):
    """A record, or a part of one, that is not billed by the token, with the reason."""

    reason: str


class Unread(NamedTuple):
    """A key inside a usage object that no reader knows: it may hold tokens that are billed."""

    key: str


class Doubt(NamedTuple):
    """A record that was read, though its own numbers contradict each other."""

    message: str


class FormatNote(NamedTuple):
    """What holds for all records of a format, and is said once."""

    message: str


Item = Request | Charge | Skipped | Unread | Doubt | FormatNote
