"""Every way in which cachecost can refuse an answer.

CachecostError            something a person can put right; `kind` is its stable name in JSON
├── BadQuantity           a text is not a count, duration, rate or instant
├── BadUsage              token counts that no request can have
├── BadWorkload           a workload that cannot happen, or that no strategy can serve
│   └── NoClosedForm      no closed form is known for its hits and misses; they can be simulated
├── BadDocument           a file without countable text
├── BadLog                a usage log, or a line of one, that cannot be read
├── UnknownModel          no sheet claims this name
│   └── AmbiguousModel    a short name means several models
├── NotInForce            no rate card is in force at this instant
├── NotSold               the card in force has no such rate, row, service or strategy
│   ├── NotKnown          a later card has it: whether it was sold before is not known
│   ├── NotYetSold        a scheduled card will have it
│   └── NoLongerSold      only an earlier card had it
├── Refused               a request that the vendor would refuse: too long, or the model is withdrawn
├── DifferentCurrencies   two bills that cannot be compared
└── BadSheet              price sheets with faults, all of them at once

Each message says where, what, what was expected and what to do next.
"""

import copyreg
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple


class CachecostError(Exception):
    """A refusal that names its reason. `str()` of it is one line for people: `context: expected at least 1 token`.

    `word` is the parameter at fault, as a flag, a query parameter or a key of a record is called, or a line of a usage,
    such as `cache_write:5m`; empty where the refusal is not about one of them. The message begins with it.
    """

    kind: ClassVar[str] = "error"

    def __init__(self, message: str = "", *, word: str = "") -> None:
        super().__init__(f"{word}: {message}" if word else message)
        self.word = word

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is copied or pickled: with its message, which is not what `__init__` of a subclass takes."""
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]

    @property
    def reason(self) -> str:
        """The message without its word, for answers in which another word stands or none."""
        return str(self).removeprefix(f"{self.word}: ")


class BadQuantity(CachecostError):
    kind = "bad-quantity"


class BadUsage(CachecostError):
    kind = "bad-usage"


class BadWorkload(CachecostError):
    kind = "bad-workload"


class NoClosedForm(BadWorkload):
    pass


class BadDocument(CachecostError):
    kind = "bad-document"


class BadLog(CachecostError):
    kind = "bad-log"


class UnknownModel(CachecostError):
    """No page claims the name of what is asked for (`what`), which `listing` lists; `nearest` holds up to three names
    that look like it."""

    kind = "unknown-model"

    def __init__(
        self,
        name: str,
        nearest: Sequence[str] = (),
        *,
        what: str = "a model with a price sheet",
        listing: str = "cachecost models",
    ) -> None:
        self.name, self.what = name, what
        self.nearest = tuple(nearest)
        hint = f"did you mean {', '.join(self.nearest)}?" if nearest else f"see `{listing}`"
        super().__init__(f"{name!r} is not {what}; {hint}")
        self.word = "model"


class AmbiguousModel(UnknownModel):
    """A short name that means several models; `nearest` holds all of them."""

    kind = "ambiguous-model"

    def __init__(self, name: str, models: Sequence[str]) -> None:
        super().__init__(name, models)
        self.args = (f"{name!r} means {len(models)} models, name one of them: {', '.join(models)}",)


class NotInForce(CachecostError):
    """No rate card is in force at an instant; `word` is what that instant is called, though the message begins with the
    model."""

    kind = "not-in-force"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.word = "at"


class NotSold(CachecostError):
    """A card does not sell something; `term` names it, such as ("service", "batch"), where other cards may.

    The message then begins with both: `service 'batch' is not sold`. Where there is none, `word` may be at fault, with
    which the message need not begin.
    """

    kind = "not-sold"

    def __init__(self, message: str, term: tuple[str, str] | None = None, *, word: str = "") -> None:
        super().__init__(message)
        self.term = term
        self.word = term[0] if term else word


class NotKnown(NotSold):
    kind = "not-known"


class NotYetSold(NotSold):
    kind = "not-yet-sold"


class NoLongerSold(NotSold):
    kind = "no-longer-sold"


class Refused(CachecostError):
    kind = "refused"


class DifferentCurrencies(CachecostError):
    kind = "different-currencies"


class Fault(NamedTuple):
    """One thing wrong in one price sheet: `file:line: what, what was expected`; line 0 is the file as a whole."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class BadSheet(CachecostError):
    """Price sheets that cannot be used; `faults` are ordered by file and line."""

    kind = "bad-sheet"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))
