// What to know beside the figures: every warning once, best effort, what sources disagree on, what was assumed.

import { linked, make } from "./elements.js";
import { amount, count, percent } from "./figures.js";

/** The warnings as list items, each with the strategies that it is about where it is not about all. */
export function notes(comparison) {
  const told = new Map();
  for (const answer of comparison.answers) {
    const figures = ["refused", "withdrawn"].includes(answer.status) ? [] : ofFigures(answer);
    for (const note of [...answer.warnings, ...figures]) {
      told.set(note, [...(told.get(note) ?? []), answer]);
    }
  }
  const items = [...told].map(([note, answers]) => about(answers, comparison) + note);
  items.push(...(comparison.left_out ?? []).map((reason) => `left out: ${reason}`));
  return items.map((text) => make("li", {}, ...linked(text)));
}

function about(answers, { answers: all }) {
  if (answers.length === all.length) return "";
  const several = new Set(all.map((answer) => answer.model)).size > 1;
  const models = [...new Set(answers.map((answer) => answer.model))];
  if (!several) return `${answers.map((answer) => answer.strategy).join(", ")}: `;
  const sold = models.map((model) => all.filter((answer) => answer.model === model).length);
  const whole = answers.length === sold.reduce((sum, each) => sum + each, 0);
  const names = whole ? models : answers.map(({ model, strategy }) => `${model} ${strategy}`);
  return `${names.join(", ")}: `;
}

function* ofFigures({ band, lifetime, range, currency, spacing }) {
  if (spacing && spacing.gap !== null) yield spacing.text;
  if (band) {
    const [low, high] = [amount(band.low, currency), amount(band.high, currency)];
    yield `best effort: ${low} if every later query in time hits, ${high} if none does`;
  }
  if (lifetime) {
    const { least, most, total_at_least: high, total_at_most: low } = lifetime;
    const ends = `${amount(low, currency)} to ${amount(high, currency)}`;
    const kept = `the vendor keeps an automatic cache for ${least} to ${most} after its last use`;
    yield `${ends}, since ${kept}; counted here as lost after ${least}`;
  }
  if (range) {
    const terms = range.disputed.map(disputed).join("; ");
    const [low, high] = [amount(range.low, currency), amount(range.high, currency)];
    yield `${low} to ${high}, since sources disagree: ${terms}`;
  }
}

/** `stored.creation is input here, but free at https://…`. */
export function disputed({ term, taken, others }) {
  return `${term} is ${taken} here, but ${others.map(({ value, source }) => `${value} at ${source}`).join(", ")}`;
}

/** The assumptions in a sentence or two. */
export function assumed({ answers, assumptions, best }) {
  if (!best) return "";
  const texts = [];
  const holds = [...new Set(answers.filter(({ hold }) => hold).map(({ hold }) => hold))];
  if (holds.length) {
    texts.push(`stored for ${holds.join(", ")}`, `the first query ${assumptions.first_query} the cache`);
  }
  const share = assumptions.hit_share;
  if (answers.some(({ strategy }) => !["fresh", "stored"].includes(strategy))) {
    texts.push(share === "1" ? "every later query in time hits" : `${percent(share)} of the later queries hit`);
  }
  if (assumptions.service !== "standard") texts.push(`service ${assumptions.service}`);
  const ways = answers.flatMap(inTheLongRun);
  const several = new Set(answers.map(({ model }) => model)).size > 1;
  const long = ways.length && !several ? ` In the long run ${ways.join("; ")}.` : "";
  const apart = answers
    .filter(({ model, spacing }) => model === best?.model && spacing?.gap === null)
    .map(({ strategy, spacing }) => `${strategy} ${spacing.text}. `);
  return apart.join("") + (texts.length ? `Assumed: ${texts.join("; ")}.` : "") + long;
}

function inTheLongRun({ strategy, break_even_rate_per_hour: rate, break_even_hit_share: share }) {
  return [
    ...(rate === null ? [] : [`${strategy} pays above ${count(rate)} queries per hour`]),
    ...(share === null || share === "0" ? [] : [`${strategy} pays from a hit share of ${percent(share)}`]),
  ];
}

/** The question in one line, below its answer. */
export function asked({ workload, assumptions }) {
  const noun = workload.turns === null ? "queries over" : "turns from";
  const texts = [`${count(workload.queries)} ${noun} ${count(workload.context)} tokens`];
  texts.push(`each with ${count(workload.question)} of question and ${count(workload.answer)} of answer`);
  texts.push(come(workload), `prices of ${workload.start.replace("T", " ").replace(/Z$/, " UTC")}`);
  if (assumptions.service !== "standard") texts.push(`service ${assumptions.service}`);
  return texts.join(", ");
}

function come({ every, over, rate_per_hour: rate, arrivals }) {
  if (rate !== null) return `${arrivals === "poisson" ? "at a Poisson rate of " : ""}${count(rate)} an hour`;
  if (arrivals === "given") return "at given instants";
  if (every !== null) return `one every ${every}`;
  if (over !== null) return `${arrivals === "random" ? "at random" : "evenly"} over ${over}`;
  return "all within one time to live";
}
