"""The words of every route as pydantic models, made from the declarations that the command line makes its flags of.

A model says which words there are, how often and how long. What a text means is up to the readers of
`cachecost.questions`, which refuse it in the same words on the command line. `pattern` and `enum` only document it:
they allow everything that the readers allow, and little beside.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_origin

from fastapi import Depends, Query, Request
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    create_model,
    model_validator,
)

from cachecost import units
from cachecost.questions import reading, usage
from cachecost.questions.word import Word
from cachecost.questions.words import SPAN, WORD, WORDS, Question
from cachecost.workload.workload import Workload

from . import limits
from .problems import bad_request

LONGEST = 200
"""Characters of one word."""
COUNT = "[0-9][0-9_]*([.][0-9]+)?([eE][+-]?[0-9]{1,2}|[kKMB])?"
DURATION = "(([0-9]+([.][0-9]+)?(ms|[wdhms]))+|P[0-9WDTHMS.]+)"
INSTANT = "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2}))?"
PATTERNS = {
    **dict.fromkeys(("TOKENS", "N", "K", "MONEY"), COUNT),
    "SHARE": "([0-9]+([.][0-9]+)?%?|[0-9]+/[0-9]+)",
    "SHARE[,SHARE]": "[0-9]+([.][0-9]+)?%?(,[0-9]+([.][0-9]+)?%?)?",
    "DURATION": DURATION,
    **dict.fromkeys(("WHEN", "INSTANTS"), INSTANT),
    "N/h": f"{COUNT}/[^/]+",
    **dict.fromkeys(("N@DURATION", "TOKENS@DURATION"), f"{COUNT}@{DURATION}"),
    "N@WxH": f"{COUNT}\\s*@\\s*[0-9]{{1,6}}[xX×][0-9]{{1,6}}",
    "FROM..TO": f"{COUNT}([.][.]{COUNT}(:{COUNT})?)?",
}
"""How the value is written that a metavar stands for."""
SWITCH = {
    "anyOf": [{"type": ["boolean", "null"]}, {"enum": ["", "true", "false", "1", "0", "yes", "no", "on", "off", 0, 1]}],
}
QUESTION = tuple(word for word in WORDS if not word.local)
CURVE = tuple(
    SPAN if word.name == "queries" else word for word in QUESTION if word.name not in ("times", "turns", "for")
)
NUMBER: dict[str, Any] = {
    "number": (
        Literal["text", "float"],
        Field(
            "text",
            description="`float` answers JSON numbers where `text` answers every digit as text.",
            json_schema_extra={"enum": ["text", "float", ""]},
        ),
    )
}
AT = Word("at", "", "WHEN", "When it was asked: 2026-11-01, 2026-08-10T02:00Z (default: now).", "2026-11-01")
KIND = Word("kind", (), "NAME", "Only these rates: input, cache_read, cache_write:5m, storage, output.", "input")
SWEEP = Word(
    "sweep",
    (),
    "AXIS=FIRST..LAST",
    "What to vary, once or twice: context=10K..1M, every=1m..2h:30, queries=1..100. At most 2,000 points.",
    "question=100..1K:5",
)
FILE = Word("name", "", "FILE", "Name of the file; its ending says what it is.", "contract.pdf")
BY = Word("by", (), "WORD", "What sums are grouped by, beside models: day, session, project, user, month.", "day")
POLICY = Word("policy", (), "NAME", "Only these policies: fresh, written:5m, clairvoyant.", "written:5m")
HOW = tuple(WORD[name] for name in ("service", "region", "thinking", "discount"))
USED = (*usage.WORDS, *HOW, AT, WORD["as_of"])


class Parameters(BaseModel):
    """The parameters of one request: a field for each word that its route has."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)
    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """A word: the fields are made of the words of a route, see `in_query`."""

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, given: Any) -> Any:
        """Without the words that say nothing, empty or null; one value of a word that may be repeated as a list."""
        if not isinstance(given, dict):
            return given
        given_words = {}
        for name, value in given.items():
            known = cls.model_fields.get(name)
            if known and get_origin(known.annotation) is list:
                each = value if isinstance(value, list) else [value]
                value = [one for one in each if one not in ("", None)]
            if not known or value not in ("", None, []):
                given_words[name] = value
        return given_words

    def only(self, words: Iterable[Word]) -> dict[str, Any]:
        """The values of these words by their names in Python, as far as the route has them."""
        return {word.field: getattr(self, word.name) for word in words if word.name in type(self).model_fields}

    def as_question(self) -> Question:
        return Question(**self.only(word for word in QUESTION if word.name != "times"))

    def workload(self, now: datetime, words: Question) -> Workload:
        """The workload of a question from now on, or from `as_of` on; its context is filled in model by model."""
        if (words.office or words.burst) and (number := words.number(self.day(now))) > limits.TIMES:
            raise limits.too_many("queries", number, limits.TIMES)
        times = sorted(reading.read("times", units.instant, each) for each in getattr(self, "times", ()))
        return words.workload(now=now, times=times)

    def day(self, now: datetime) -> datetime:
        """The instant at whose prices the question is asked: as it says, or now."""
        said = (word for word in ("as_of", "at") if getattr(self, word, ""))
        return next((reading.read(word, units.instant, getattr(self, word)) for word in said), now)


def of_words(
    name: str, words: Iterable[Word], *required: str, one_model: bool = False, **more: Any
) -> type[Parameters]:
    """The model of a question in these words, and `more` fields."""
    most = {"model": 1 if one_model else limits.MODELS, "times": limits.TIMES}
    known: dict[str, Any] = {
        word.name: _field(word, word.name in required, most.get(word.name, limits.TIMES_GIVEN)) for word in words
    }
    return create_model(name, __base__=Parameters, **known, **more)


def in_query(words: type[Parameters], *, number: bool = True) -> Any:
    """The dependency that reads the words of a model out of the query, and how numbers are answered where a route says
    so."""
    model = create_model(f"{words.__name__}_query", __base__=words, **NUMBER) if number else words
    lists = {name for name, field in model.model_fields.items() if get_origin(field.annotation) is list}

    async def parameters(words: Annotated[model, Query()], request: Request) -> Any:  # type: ignore[valid-type]
        for name, times in Counter(name for name, _ in request.query_params.multi_items()).items():
            if times > 1 and name not in lists:
                raise bad_request(f"{name}: given {times} times; expected once", where=name)
        return words

    return Depends(parameters)


def _field(word: Word, required: bool, most: int) -> tuple[Any, Any]:
    """The type and the description of a word; a list has up to `most` values."""
    about: dict[str, Any] = {"description": word.help, "examples": [word.example] if word.example else None}
    if isinstance(word.default, bool):
        return Annotated[bool, WithJsonSchema(SWITCH)], Field(word.default, **about)
    one: Any = Annotated[str, Field(max_length=LONGEST, json_schema_extra=_written(word, required))]
    if word.name == "service":
        one = Annotated[one, AfterValidator(str.lower)]
    if word.default != () and word.name != "times":
        return one, Field(... if required else word.default, **about)
    # Instants and models may stand in one text, between commas; a model that is named twice is one.
    parted, once = BeforeValidator(_split), AfterValidator(lambda names: list(dict.fromkeys(names)))
    readers = {"times": [parted], "model": [parted, once]}
    kinds = ["array", "string", *([] if required else ["null"])]  # in a body one value may stand alone
    schema: dict[str, Any] = {"type": kinds} | ({"minLength": 1} if required else {})
    counted: dict[str, Any] = {"min_length": 1 if required else 0, "max_length": most, "json_schema_extra": schema}
    several: Any = Annotated[list[one], *readers[word.name]] if word.name in readers else list[one]  # type: ignore[misc]
    return several, Field(... if required else [], **counted, **about)


def _split(given: list[Any]) -> list[Any]:
    return [part for each in given for part in (each.split(",") if isinstance(each, str) else [each]) if part != ""]


def _written(word: Word, required: bool) -> dict[str, Any]:
    """How the text of a word is written, as a JSON schema; a number may stand where a text counts."""
    empty = [] if required else ["", None]
    if "|" in word.metavar and word.metavar.islower():
        return {"type": ["string", "null"], "enum": [*word.metavar.split("|"), *empty]}
    pattern, counts = PATTERNS.get(word.metavar), word.metavar in ("TOKENS", "N", "K", "SHARE", "MONEY")
    kinds = ["string", *(["number"] if counts else []), *([] if required else ["null"])]
    schema: dict[str, Any] = {"type": kinds} | ({"minimum": 0} if counts else {})
    if pattern:
        schema["pattern"] = rf"^\s*{pattern}\s*$" if required else rf"^(\s*{pattern}\s*)?$"
    return schema | ({"minLength": 1} if required else {})
