"""What was asked, out of a query string or a body: the words of a question, and the few that only HTTP has."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from cachecost import units
from cachecost.questions import reading
from cachecost.questions.words import WORDS, Question
from cachecost.workload.workload import Workload

from . import limits
from .problems import Refusal, bad_request

LONGEST = 200
"""Characters of one word."""
QUESTION = tuple(word.name for word in WORDS if not word.local)
LISTS = ("model", "strategy", "cache_read", "cache_write", "audio", "kind", "times")
SWITCHES = ("thinking", "all", "over_history", "forgotten")
TRUE, FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")
NUMBERS = ("text", "float")


@dataclass(frozen=True)
class Asked:
    """The words that were said, texts in lists where a word may be said twice; what was not said is not there."""

    said: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return str(self.said.get(name, ""))

    def texts(self, name: str) -> list[str]:
        return list(self.said.get(name, ()))

    def flag(self, name: str) -> bool:
        return bool(self.said.get(name, False))

    @property
    def models(self) -> list[str]:
        """The models, each once; a refusal without one or with too many."""
        found = list(dict.fromkeys(self.texts("model")))
        if not found:
            raise bad_request("model: say which, such as model=google/gemini-2.5-pro", where="model")
        if len(found) > limits.MODELS:
            message = f"model: {len(found)} models are too many; expected up to {limits.MODELS}"
            raise bad_request(message, where="model")
        return found

    @property
    def model(self) -> str:
        found = self.models
        if len(found) > 1:
            raise bad_request("model: expected one here", where="model")
        return found[0]

    @property
    def question(self) -> Question:
        return Question(**{name: value for name, value in self.said.items() if name in QUESTION and name != "times"})

    def context(self) -> int:
        if not self.text("context"):
            raise bad_request("context: say how long it is, such as context=1M", where="context")
        return reading.read("context", units.count, self.text("context"))

    def workload(self, now: datetime, *, context: int | None = None, question: Question | None = None) -> Workload:
        """The workload from now on, or from `as_of` on."""
        words = question or self.question
        if words.office or words.burst:
            limits.instants(reading.read("queries", units.count, words.queries))
        times = sorted(reading.read("times", units.instant, each) for each in self.texts("times"))
        tokens = self.context() if context is None else context
        return words.workload(tokens, now=now, times=times)

    def at(self, name: str, now: datetime) -> datetime:
        return reading.read(name, units.instant, self.text(name)) if self.text(name) else now


def of_query(query: bytes, known: Iterable[str]) -> Asked:
    """The words of a query string; an empty one says nothing, an unknown one is refused."""
    allowed = set(known)
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=2_000)
    except (UnicodeDecodeError, ValueError) as error:
        raise bad_request(f"the query cannot be read: {error}") from None
    said: dict[str, Any] = {}
    for name, text in pairs:
        if name not in allowed:
            raise _unknown(name, allowed)
        if text:
            _say(said, name, text)
    return Asked(said)


def _say(said: dict[str, Any], name: str, text: str) -> None:
    if name == "times":
        said.setdefault(name, []).extend(_short(name, each) for each in text.split(",") if each)
    elif name in LISTS:
        said.setdefault(name, []).append(_short(name, text))
    elif name in said:
        raise bad_request(f"{name}: said twice; expected once", where=name)
    else:
        said[name] = _switch(name, text) if name in SWITCHES else _short(name, text)
    _few(name, said[name])


def _few(name: str, value: object) -> None:
    most = limits.TIMES if name == "times" else limits.SAID
    if isinstance(value, list) and len(value) > most:
        raise bad_request(f"{name}: {len(value):,} are too many; expected up to {most:,}", where=name)


def _short(name: str, text: str) -> str:
    if len(text) > LONGEST:
        raise bad_request(f"{name}: {len(text):,} characters are too many; expected up to {LONGEST}", where=name)
    return text


def _switch(name: str, text: str) -> bool:
    if text.lower() not in TRUE + FALSE:
        raise bad_request(f"{name}: {text[:40]!r} is neither true nor false", where=name)
    return text.lower() in TRUE


def _unknown(name: str, known: Iterable[str]) -> Refusal:
    return bad_request(f"{name[:40]!r} is not a word here; expected {', '.join(sorted(known))}", where=name[:40])


def parsed(body: bytes) -> Any:
    """The JSON of a body; numbers with a point stay the text that they are, so that no digit is lost."""
    try:
        return json.loads(body, parse_float=str, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "bad-request", f"the body is not JSON: {error}") from None


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not a number")


def of_body(body: bytes, known: Iterable[str]) -> Asked:
    """The words of a JSON object: texts, numbers, true or false; null says nothing."""
    found, allowed = parsed(body), set(known)
    if not isinstance(found, dict):
        raise bad_request('the body is expected to be an object of words, such as {"model": "gpt-4o", ...}')
    said: dict[str, Any] = {}
    for name, value in found.items():
        if name not in allowed:
            raise _unknown(name, allowed)
        for each in value if isinstance(value, list) and name in LISTS else [value]:
            if text := _text(name, each):
                _say(said, name, text)
    return Asked(said)


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) and name in SWITCHES:
        return "true" if value else "false"
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    raise bad_request(f"{name}: expected a text or a number, not {type(value).__name__}", where=name)
