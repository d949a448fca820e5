// All models, those no longer sold behind the others: fetched once, searched by name, alias and
// provider, makers before hosts.

import { rate } from "./figures.js";
import { once } from "./server.js";
import { stars } from "./stars.js";

const PROVIDERS = {
  alibaba: "Alibaba", anthropic: "Anthropic", azure: "Azure", baidu: "Baidu", baseten: "Baseten", bedrock: "Bedrock",
  cohere: "Cohere", databricks: "Databricks", deepinfra: "DeepInfra", deepseek: "DeepSeek", doubao: "Doubao",
  fireworks: "Fireworks",
  "github-copilot": "GitHub Copilot", google: "Google", "google-vertex": "Vertex AI",
  groq: "Groq", inception: "Inception",
  meta: "Meta", minimax: "MiniMax", mistral: "Mistral", moonshot: "Moonshot", novita: "Novita", openai: "OpenAI",
  perplexity: "Perplexity", tencent: "Tencent", together: "Together", xai: "xAI", xiaomi: "Xiaomi",
  zai: "Z.ai", zhipu: "Zhipu",
};
const DAY = 86_400_000;
const NEW = 60;

/** The name of a provider for people. */
export function providerName(id) {
  return PROVIDERS[id] ?? id;
}

/** Every model that is or was on sale, once for a visit. */
export const models = once("v1/models", [["withdrawn", "true"]], (list) => list.models.map(shown));

/** What a list shows of a model: rates of its smallest prompts, the tokens that it takes, what is new and what ends;
 *  one that is `gone` has the last rates at which it was sold. */
function shown(model) {
  const [provider] = model.model.split("/");
  const rates = (model.card.rows.find((row) => row.service === "standard") ?? model.card.rows[0]).rates;
  const reads = Object.entries(rates).filter(([name]) => name.startsWith("cache_read")).map(([, rate]) => rate);
  const { context, input } = model.card.limits;
  const gone = model.card.status === "withdrawn";
  const age = (Date.now() - Date.parse(model.since)) / DAY;
  return {
    ...model,
    id: model.model,
    provider,
    base: model.name.replace(/ (on|at) .*$/, ""),
    input: rates.input ?? null,
    cached: reads.sort((a, b) => a - b)[0] ?? null,
    output: rates.output ?? null,
    context: context ?? input,
    effective: model.card.effective,
    gone,
    fresh: !gone && age < NEW,
    text: [model.name, model.model, providerName(provider), model.maker, ...model.aliases].join(" ").toLowerCase(),
  };
}

/** Groups that match all words of a search, best first: the model at its maker, and the hosts that sell it too. */
export function search(list, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = stars();
  const found = list.filter((model) => words.every((word) => model.text.includes(word)));
  const groups = new Map();
  for (const model of found) {
    const key = `${model.maker} ${model.base}`;
    groups.set(key, [...(groups.get(key) ?? []), model]);
  }
  const sorted = [...groups.values()].map((group) => group.toSorted((a, b) => order(a, b, kept)));
  return sorted.toSorted(([a], [b]) => order(a, b, kept) || exact(b, text) - exact(a, text) || newer(a, b));
}

function order(a, b, kept) {
  const rank = (model) =>
    -8 * model.gone + 4 * kept.has(model.id) + 2 * (model.maker === model.provider) + (model.cached !== null);
  return rank(b) - rank(a);
}

function exact(model, text) {
  const wanted = text.trim().toLowerCase();
  return Number(model.id === wanted || model.id.endsWith(`/${wanted}`) || model.name.toLowerCase() === wanted);
}

function newer(a, b) {
  return b.since < a.since ? -1 : Number(b.since > a.since) || a.name.localeCompare(b.name);
}

/** The rates of a model for input, cached input and output, as text. */
export function priced({ input, cached, output, currency }) {
  return [input, cached, output].map((value) => (value === null ? "–" : rate(value, currency)));
}

/** `1M`, `400K`, `8,192`: tokens in short. */
export function short(tokens) {
  if (tokens === null) return "?";
  if (tokens >= 1e6) return `${Number((tokens / 1e6).toFixed(tokens < 1e7 ? 1 : 0))}M`;
  return tokens >= 1000 ? `${Math.round(tokens / 1000)}K` : String(tokens);
}

/** `withdrawn 2025-09-24`, `ends 2026-12-01`, `price changes 2027-01-01`, or nothing. */
export function coming({ gone, effective, next }) {
  if (gone) return `withdrawn ${effective.slice(0, 10)}`;
  if (!next) return "";
  return `${next.status === "withdrawn" ? "ends" : "price changes"} ${next.effective.slice(0, 10)}`;
}
