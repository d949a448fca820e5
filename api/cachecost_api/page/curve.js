// The curves of an answer: every model's best cache and its bill without one, over the number of queries.

import { ask } from "./server.js";
import { unserved } from "./bill.js";

const POINTS = 160;
const LAST = 1_000_000;

/** Why a question has no curve over the number of queries, or null where it has one. */
export function without(words, { answers }) {
  const said = new Set(words.map(([word]) => word));
  if (said.has("turns")) return "a conversation grows with every turn, so N queries of it are not alike";
  if (said.has("times")) return "the instants of all queries are given";
  if (answers.every(unserved)) return `no model here would serve these queries: ${answers[0].warnings[0]}`;
  return null;
}

/** The lines of all models, as `plot` draws them; each request is about one model. */
export async function curves(words, comparison) {
  const models = [...Map.groupBy(comparison.answers.filter((each) => !unserved(each)), ({ model }) => model).values()];
  const span = spanOf(comparison);
  const rest = words.filter(([word]) => !["model", "queries"].includes(word));
  const answers = await Promise.all(models.map(async ([{ model, name }]) => {
    const response = await ask("v1/curve", [["model", model], ["queries", span], ...rest], `curve of ${model}`);
    return { name, curve: await response.json() };
  }));
  return answers.flatMap(({ name, curve }, place) => lines(name, curve, place, models.length));
}

function spanOf({ answers, workload }) {
  const firsts = answers.map(({ break_even: found }) => found?.first ?? 0).filter((first) => first <= 20 * workload.queries);
  const last = Math.min(LAST, Math.max(20, 2 * workload.queries, 2 * Math.max(...firsts)));
  const step = Math.ceil(last / POINTS);
  return step > 1 ? `1..${last}:${step}` : `1..${last}`;
}

/** Of one model every strategy; of several the one that is cheapest at the end, and the bill without a cache. */
function lines(name, { lines: all, queries, currency }, place, models) {
  const [fresh, ...cached] = all.toSorted((a, b) => (b.strategy === "fresh") - (a.strategy === "fresh"));
  const best = cached.toSorted((a, b) => Number(a.totals.at(-1) ?? Infinity) - Number(b.totals.at(-1) ?? Infinity)).slice(0, 1);
  const chosen = models > 1 ? [fresh, ...best] : [fresh, ...cached];
  return chosen.map((line, index) => ({
    name: models > 1 ? `${name}, ${line.label}` : line.label,
    short: models > 1 ? name + (line === fresh ? ", no cache" : "") : line.label,
    currency,
    color: models > 1 ? place : index,
    faint: line === fresh,
    first: line.break_even?.first ?? null,
    points: queries.map((x, at) => [x, line.totals[at]]),
  }));
}
