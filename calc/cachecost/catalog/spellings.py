"""The names of pages that a name may mean as logs, gateways and clouds write it, looked up and never guessed; and the
models that an unknown name may mean: sold today before withdrawn, makers before hosts, the newest first.

Bedrock's ids and ARNs, Vertex's resource names, LiteLLM's prefixes, OpenRouter's slugs and dated snapshots lead to a
page where the rest of the name is claimed by one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import UTC, date, datetime, time
from typing import NamedTuple, TypeVar

from ..prices.sheet import PriceSheet

_OTHER_NAMES = {
    "alibaba": "dashscope qwen qwen-platform qwencloud",
    "anthropic": "claude",
    "baidu": "qianfan",
    "doubao": "byteplus volcengine",
    "fireworks": "fireworks-embedding-models",
    "github-copilot": "copilot",
    "google": "gcp gcp-gemini gemini google-studio",
    "meta": "meta-llama",
    "mistral": "mistralai",
    "moonshot": "kimi moonshotai",
    "openai": "codex",
    "tencent": "hunyuan tencent-tokenhub",
    "together": "togetherai",
    "xai": "grok x",
    "xiaomi": "xiaomi-mimo",
    "zai": "z",
    "zhipu": "bigmodel zhipuai",
}
HOSTS = {name: folder for folder, names in _OTHER_NAMES.items() for name in names.split()}
"""Other names of the folders of `pricing/`, in lower case, words joined by `-` and without those of FILLING."""
CLOUDS = {"vertex": "google-vertex", "bedrock": "bedrock", "aws": "bedrock", "converse": "bedrock"}
CLOUDS |= {"azure": "azure", "az": "azure"}
"""Beginnings of a word that name a cloud, whatever else is said: `google-vertex-anthropic`, `az.ai.openai`."""
FILLING = frozenset(
    "ai api chat completion completions gen genai generative generativeai language messages responses text".split()
)
PASSING = frozenset(
    "agno autogen cloudflare crewai dspy gateway haystack helicone langchain langgraph "
    "langsmith litellm litellm-proxy llama-index llamaindex mastra openai-agents openrouter portkey pydantic "
    "semantic-kernel smolagents spring strands strands-agents vercel".split()
)
"""Frameworks and gateways, which sell no tokens: a model behind them costs what its maker asks."""
LONGEST = 500
"""Characters of a name that is taken apart: ARNs are far shorter, and to search longer ones for endings takes long."""

_RESOURCE = re.compile(
    r"^(?:.*[/:])?(?:models|routers|publishers/[^/]+/models|foundation-model|inference-profile)/(?=[^/]+$)"
)
_VERTEX = re.compile(r"^claude-[^/]+@|(?:^|/)(?:publishers/[^/]+|projects/[^/]+(?:/locations/[^/]+)?)/models/")
_VERSION = re.compile(r"(?:-v[0-9]+:[0-9]+(?::[0-9]+k)?|(?<=[0-9])-v1)$")
_DATE = re.compile(r"[-@](?:20[0-9]{6}|20[0-9]{2}-[0-9]{2}-[0-9]{2})$")
_WORDS = re.compile(r"[ ._/-]+")
_PATH = re.compile(r"converse|invoke|responses|chat|global|[a-z]{2}(?:-[a-z]+)+-[0-9]")
"""What LiteLLM writes between a provider and a model: the route, and the region of AWS."""
_EFFORT = re.compile(r"(?:\[1m\]|-1m|-internal|@default|@latest|[-:](?:none|minimal|low|medium|high|xhigh))+$")
_THINKING = re.compile(r"(?<=.)[-:]thinking$")
_VERSION_FIRST = re.compile(r"^claude-([0-9])(?:[.-]([0-9]))?-(opus|sonnet|haiku)\b")


def candidates(model: str, provider: str, *, folders: Set[str]) -> Iterator[str]:
    """Names to look up, the likeliest first, all of them under the provider where one is named.

    A provider without a folder has no prices: nothing is looked up under the maker's name instead.
    """
    rest = model.strip()
    if len(rest) > LONGEST:
        yield rest
        return
    host, slash, below = rest.partition("/")
    if slash and not folder_of(host):
        rest = below
    if not rest:
        return
    if not provider and _VERTEX.search(rest):
        provider = "google-vertex"
    if not provider and ("arn:aws" in rest or "anthropic." in rest):
        provider = "bedrock"
    rest = _RESOURCE.sub("", rest)
    host, slash, below = rest.partition("/")
    folder = folder_of(host)
    if slash and (folder in folders or folder == provider):
        provider, rest = provider or folder, below
        host, slash, below = rest.partition("/")
        while slash and _PATH.fullmatch(host):
            yield f"{provider}/{rest}"  # some Regions have separate rates, and so separate names
            rest = below
            host, slash, below = rest.partition("/")
        if host == "claude_platform":
            provider, rest = "anthropic", below  # on AWS, but served and priced by Anthropic
    if provider and provider not in folders:
        yield f"{provider}/{rest}"
        return
    for name in spellings(rest):
        yield f"{provider}/{name}" if provider else name


def folder_of(provider: str) -> str:
    """The folder of `pricing/` that a log's word for a provider means; empty for one that passes requests on.

    `google.generative-ai`, `amazon_bedrock` and `openai.responses` say beside the provider what was called.
    """
    whole = provider.strip().lower()
    words = list(filter(None, _WORDS.split(whole)))
    for start, folder in CLOUDS.items():
        if any(word == start or (len(start) > 4 and word.startswith(start)) for word in words):
            return folder
    bare = "-".join(word for word in words if word not in FILLING) or whole
    return "" if bare in PASSING or "-".join(words) in PASSING else HOSTS.get(bare, bare)


def spellings(name: str) -> Iterator[str]:
    """The name as it is, in lower case, and without version and date: a snapshot costs what its model costs, unless it
    has its own page, which comes first. Effort and context length in a name change no rate. Editors write Claude's
    version first: `claude-4.5-sonnet` is `claude-sonnet-4-5`."""
    seen: list[str] = []
    short = name.lower()
    bare = _EFFORT.sub("", short)
    plain = _THINKING.sub("", bare) if "claude" in bare else bare
    maker_s = _VERSION_FIRST.sub(lambda each: "-".join(filter(None, ("claude", each[3], each[1], each[2]))), plain)
    for each in (name, short, short.replace(" ", "-"), bare, plain, maker_s):
        unversioned = _VERSION.sub("", each)
        seen += [each, unversioned, _DATE.sub("", unversioned), f"{unversioned}-v1:0"]
    yield from dict.fromkeys(seen)


MOST = 3
ALIKE = 65
"""From how much of a hundred on, by difflib, a word is taken for a slip of another with the same first letter."""
_PART = re.compile(r"[a-z]+|[0-9]+")
Place = TypeVar("Place")


class NameParts(NamedTuple):
    """A name in its parts: `claude-opus-5.5` is the words claude, opus and the numbers 5, 5."""

    words: tuple[str, ...]
    numbers: tuple[int, ...]


def parts(name: str) -> NameParts:
    """The parts of a name, without a suffix in brackets, as in `claude-opus-4-6[1m]`."""
    result = _PART.findall(re.sub(r"\[[^\]]*\]$", "", name[:200].lower()))
    words = dict.fromkeys(each for each in result if each.isalpha())
    return NameParts(tuple(words), tuple(int(each[:20]) for each in result if not each.isalpha()))


class NamedPage(NamedTuple):
    """What a page is called: its own name in parts, and the words of all of its names."""

    own: NameParts
    words: frozenset[str]


def page(own: str, also: Iterable[str]) -> NamedPage:
    """A page by its own name and its aliases."""
    names = (parts(own), *map(parts, also))
    return NamedPage(names[0], frozenset(word for name in names for word in name.words))


def nearest(
    name: str, pages: Mapping[Place, NamedPage], sheet: Callable[[Place], PriceSheet | None], today: date
) -> list[str]:
    """Up to three ids of the pages whose names share at least half of the asked words; `sheet` reads a page, or gives
    None where it has faults. A withdrawn model comes after those that are sold; it takes the last place from them where
    only a slip parts it from what was asked."""
    wanted = parts(name)
    vocabulary = frozenset[str]().union(*(each.words for each in pages.values()))
    meant = {slip for word in wanted.words if (slip := _meant(word, vocabulary))}
    sold, gone, slips = [], [], []
    for place, known in pages.items():
        share = len(meant & known.words)
        if not share or 2 * share < len(wanted.words) or not (candidate := sheet(place)):
            continue
        order = (-share, candidate.maker is not None, -_common(known.own.numbers, wanted.numbers))
        newest = candidate.cards[0].effective.timestamp()
        extra = len(set(known.own.words) - meant)
        ranked = (*order, extra, -newest, [-each for each in known.own.numbers], candidate.id)
        if candidate.sold(datetime.combine(today, time.max, UTC)):
            sold.append(ranked)
            continue
        gone.append(ranked)
        if (set(known.own.words), known.own.numbers) == (meant, wanted.numbers):
            slips.append(candidate.id)
    ids = [each[-1] for each in (*sorted(sold), *sorted(gone))]
    last = next((each for each in slips if each not in ids[:MOST]), None)
    return [*ids[: MOST - 1], last] if last else ids[:MOST]


def _meant(word: str, vocabulary: Set[str]) -> str:
    """The word itself where a page has it, or the one of which it is a slip; nothing where there is none."""
    if word in vocabulary:
        return word
    from difflib import get_close_matches  # a name that is spelled right need not wait for it

    alike = [each for each in vocabulary if each[0] == word[0]]
    return next(iter(get_close_matches(word, sorted(alike), n=1, cutoff=ALIKE / 100)), "")


def _common(numbers: tuple[int, ...], others: tuple[int, ...]) -> int:
    """How many of the first numbers are the same."""
    pairs = enumerate(zip(numbers, others, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(numbers), len(others)))
