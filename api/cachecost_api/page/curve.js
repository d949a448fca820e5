// The curves of an answer: every model's best cache and its bill without one, over the number of queries.

import { unserved } from "./bill.js";
import { json } from "./server.js";
import { seconds } from "./sliders.js";

/** Words that say how queries come, and how many. */
export const WAYS = ["queries", "every", "over", "rate", "arrivals", "burst", "times", "turns", "tools"];
const POINTS = 160;
const LAST = 1_000_000;

/** Why a question has no curve over the number of queries, or null where it has one. */
export function reasonAgainst(words, { answers }) {
  const said = new Set(words.map(([word]) => word));
  if (said.has("turns")) return "a conversation grows with every turn, so N queries of it are not alike";
  if (said.has("times")) return "the instants of all queries are given";
  if (answers.every(unserved)) return `no model here would serve these queries: ${answers[0].warnings[0]}`;
  return null;
}

/** The lines of all models over numbers of queries, as `plot` draws them; each request is about one model. */
export async function curves(words, comparison) {
  const span = spanOf(comparison);
  const rest = words.filter(([word]) => !["model", "queries"].includes(word));
  return drawn(comparison, async (model) => {
    const one = [["model", model], ["queries", span], ...rest];
    const { lines: all, queries, currency } = await json("v1/curve", one, `curve of ${model}`);
    const chosen = queries.findLastIndex((each) => each <= comparison.workload.queries);
    return { lines: all, xs: queries, currency, chosen };
  });
}

/** The same over pauses between queries, from seconds to a day; a cache that expires makes a step at its very end. */
export async function pauses(words, comparison, pause) {
  const rest = words.filter(([word]) => !["model", ...WAYS].includes(word));
  const more = [["queries", String(comparison.workload.queries)], ["sweep", "every=10s..1d:60"]];
  return drawn(comparison, async (model) => {
    const grid = await json("v1/sweep", [["model", model], ...rest, ...more], `pauses of ${model}`);
    const xs = grid.axes[0].values.map(seconds);
    const all = grid.strategies.map((strategy) => ({
      strategy,
      label: grid.labels[strategy],
      totals: grid.cells.map(({ totals, status }) => (status === "ok" ? totals[strategy] : null)),
      steps: livesOf(strategy, model, comparison),
    }));
    const chosen = Math.max(0, xs.findLastIndex((each) => each <= (pause ?? 0)));
    return { lines: all, xs, currency: grid.currency, chosen };
  });
}

/** How long entries live, in seconds: as the strategy is named, or as the vendor says of automatic ones. */
function livesOf(strategy, model, { answers }) {
  const [, ttl] = strategy.split(":");
  const life = ttl ?? answers.find((each) => each.model === model && each.strategy === strategy)?.lifetime?.least;
  return life ? [seconds(life)] : [];
}

async function drawn(comparison, fetched) {
  const models = [...Map.groupBy(comparison.answers.filter((each) => !unserved(each)), ({ model }) => model).values()];
  const answers = await Promise.all(models.map(async ([{ model, name }]) => ({ name, curve: await fetched(model) })));
  return answers.flatMap(({ name, curve }, place) => lines(name, curve, place, models.length));
}

function spanOf({ answers, workload }) {
  const firsts = answers
    .map(({ break_even: found }) => found?.first ?? 0)
    .filter((first) => first <= 20 * workload.queries);
  const last = Math.min(LAST, Math.max(20, 2 * workload.queries, 2 * Math.max(...firsts)));
  const step = Math.ceil(last / POINTS);
  return step > 1 ? `1..${last}:${step}` : `1..${last}`;
}

/** Of one model every strategy; of several the one that is cheapest at the chosen x, and the bill without a cache. */
function lines(name, { lines: all, xs, currency, chosen }, place, models) {
  const [fresh, ...cached] = all.toSorted((a, b) => (b.strategy === "fresh") - (a.strategy === "fresh"));
  const bill = ({ totals }) => Number(totals[chosen] ?? Infinity);
  const best = cached.toSorted((a, b) => bill(a) - bill(b)).slice(0, 1);
  const shown = models > 1 ? [fresh, ...best] : [fresh, ...cached];
  return shown.map((line, index) => ({
    name: models > 1 ? `${name}, ${line.label}` : line.label,
    short: models > 1 ? name + (line === fresh ? ", no cache" : "") : line.label,
    currency,
    color: models > 1 ? place : index,
    faint: line === fresh,
    first: line.break_even?.first ?? null,
    steps: line.steps ?? [],
    points: xs.map((x, at) => [x, line.totals[at]]),
  }));
}

/** The mean pause of a question in seconds; null where all queries come within one time to live. */
export function pause({ every, over, rate_per_hour: rate, queries }) {
  if (every) return seconds(every);
  if (rate !== null) return 3600 / Number(rate);
  return over ? seconds(over) / Math.max(1, queries - 1) : null;
}
