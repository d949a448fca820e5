"""The names of pages that a name may mean as logs, gateways and clouds write it: looked up, never guessed.

Bedrock's ids and ARNs, Vertex's resource names, LiteLLM's prefixes, OpenRouter's slugs and dated snapshots lead to a
page where the rest of the name is claimed by one.
"""

import re
from collections.abc import Iterator, Set

HOSTS = {
    "dashscope": "alibaba",
    "qwen": "alibaba",
    "qwen-platform": "alibaba",
    "qwencloud": "alibaba",
    "claude": "anthropic",
    "qianfan": "baidu",
    "byteplus": "doubao",
    "volcengine": "doubao",
    "gcp": "google",
    "gcp-gemini": "google",
    "gemini": "google",
    "google-studio": "google",
    "copilot": "github-copilot",
    "meta-llama": "meta",
    "mistralai": "mistral",
    "kimi": "moonshot",
    "moonshotai": "moonshot",
    "codex": "openai",
    "hunyuan": "tencent",
    "tencent-tokenhub": "tencent",
    "togetherai": "together",
    "fireworks-embedding-models": "fireworks",
    "grok": "xai",
    "x": "xai",
    "z": "zai",
    "xiaomi-mimo": "xiaomi",
    "bigmodel": "zhipu",
    "zhipuai": "zhipu",
}
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


def _maker_s(name: re.Match[str]) -> str:
    return "-".join(filter(None, ("claude", name[3], name[1], name[2])))


def spellings(name: str) -> Iterator[str]:
    """The name as it is, in lower case, and without version and date: a snapshot costs what its model costs, unless it
    has its own page, which comes first. Effort and context length in a name change no rate. Editors write Claude's
    version first: `claude-4.5-sonnet` is `claude-sonnet-4-5`."""
    seen: list[str] = []
    short = name.lower()
    bare = _EFFORT.sub("", short)
    plain = _THINKING.sub("", bare) if "claude" in bare else bare
    for each in (name, short, short.replace(" ", "-"), bare, plain, _VERSION_FIRST.sub(_maker_s, plain)):
        unversioned = _VERSION.sub("", each)
        seen += [each, unversioned, _DATE.sub("", unversioned), f"{unversioned}-v1:0"]
    yield from dict.fromkeys(seen)
