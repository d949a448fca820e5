"""The names that logs have for models, and the price sheet each of them means: looked up, never guessed.

Bedrock's ids and ARNs, Vertex's resource names, LiteLLM's prefixes, OpenRouter's slugs and dated snapshots lead to a
sheet where the rest of the name is claimed by one. For other names the nearest are suggested, and an alias settles
it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..catalog.catalog import Catalog
from ..errors import UnknownModel
from ..prices.sheet import PriceSheet

HOSTS = {
    "amazon bedrock": "bedrock",
    "aws": "bedrock",
    "aws.bedrock": "bedrock",
    "aws_bedrock": "bedrock",
    "bedrock_converse": "bedrock",
    "converse": "bedrock",
    "az.ai.inference": "azure",
    "az.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "azure_ai": "azure",
    "azure_openai": "azure",
    "azure_text": "azure",
    "dashscope": "alibaba",
    "qwen": "alibaba",
    "fireworks_ai": "fireworks",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google-vertex",
    "vertex_ai": "google-vertex",
    "vertexai": "google-vertex",
    "vertex": "google-vertex",
    "gemini": "google",
    "google ai studio": "google",
    "google vertex": "google-vertex",
    "meta-llama": "meta",
    "mistral_ai": "mistral",
    "mistralai": "mistral",
    "moonshotai": "moonshot",
    "moonshot ai": "moonshot",
    "together_ai": "together",
    "togetherai": "together",
    "volcengine": "doubao",
    "x-ai": "xai",
    "x_ai": "xai",
    "z-ai": "zai",
    "z.ai": "zai",
}
"""Other names of the folders of `pricing/`, lower-case."""

_RESOURCE = re.compile(r"^(?:.*[/:])?(?:models|publishers/[^/]+/models|foundation-model|inference-profile)/(?=[^/]+$)")
_VERTEX = re.compile(r"(?:^|/)(?:publishers/[^/]+|projects/[^/]+(?:/locations/[^/]+)?)/models/")
_VERSION = re.compile(r"(?:-v[0-9]+:[0-9]+(?::[0-9]+k)?|(?<=[0-9])-v1)$")
_DATE = re.compile(r"[-@](?:20[0-9]{6}|20[0-9]{2}-[0-9]{2}-[0-9]{2})$")
_PASSED_ON = ("openrouter/", "litellm_proxy/")


class Names:
    """Sheets by the names of logs, each pair of model and provider looked up once."""

    def __init__(self, catalog: Catalog, *, aliases: Mapping[str, str] | None = None) -> None:
        self._catalog = catalog
        self._aliases = dict(aliases or {})
        self._found: dict[tuple[str, str], PriceSheet | UnknownModel] = {}
        self._folders = {path.name for path in catalog.folder.glob("*/")}

    def sheet(self, model: str, provider: str = "") -> PriceSheet:
        """The sheet that the log's name means; UnknownModel with the nearest names where none claims it.

        A named provider's own page is meant and never another's; without one, the page of the model's maker.
        """
        found = self._found.get((model, provider))
        if found is None:
            found = self._found[model, provider] = self._look_up(model, provider)
        if isinstance(found, UnknownModel):
            raise UnknownModel(found.name, found.nearest)
        return found

    def _look_up(self, model: str, provider: str) -> PriceSheet | UnknownModel:
        for alias in (f"{provider}/{model}", model):
            if alias in self._aliases:
                return self._catalog.sheet(self._aliases[alias])
        first: UnknownModel | None = None
        for name in candidates(model, self._folder(provider), folders=self._folders):
            try:
                return self._catalog.sheet(name)
            except UnknownModel as error:
                first = first or error
        nearest = first.nearest if first else ()
        return UnknownModel(model if not provider else f"{provider}/{model}", nearest)

    def _folder(self, provider: str) -> str:
        word = provider.strip().lower()
        return HOSTS.get(word, word)


def candidates(model: str, provider: str, *, folders: set[str]) -> Iterator[str]:
    """Names to look up, the likeliest first, all of them under the provider where one is named.

    A provider without a folder has no prices: nothing is looked up under the maker's name instead.
    """
    rest = model.strip()
    for start in _PASSED_ON:
        rest = rest.removeprefix(start)
    if not rest:
        return
    if not provider and _VERTEX.search(rest):
        provider = "google-vertex"
    if not provider and ("arn:aws" in rest or "anthropic." in rest):
        provider = "bedrock"
    rest = _RESOURCE.sub("", rest)
    host, slash, below = rest.partition("/")
    folder = HOSTS.get(host.lower(), host.lower())
    if slash and (folder in folders or folder == provider):
        provider, rest = provider or folder, below.removeprefix("converse/")
    if provider and provider not in folders:
        yield f"{provider}/{rest}"
        return
    for name in spellings(rest):
        yield f"{provider}/{name}" if provider else name


def spellings(name: str) -> Iterator[str]:
    """The name as it is, in lower case, and without version and date: a snapshot costs what its model costs, unless it
    has its own page, which comes first."""
    seen: list[str] = []
    for each in (name, name.lower()):
        bare = _VERSION.sub("", each)
        seen += [each, bare, _DATE.sub("", bare), f"{bare}-v1:0"]
    yield from dict.fromkeys(seen)
