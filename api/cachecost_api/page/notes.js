// What to know beside the figures: every warning once, best effort, what sources disagree on, what was assumed.

import { linked, make } from "./elements.js";
import { amount, brief, count, percent } from "./figures.js";

// Notes that change no figure here: how sure a rate card is, what changes after it, what was assumed of a vendor.
const ASIDE = new RegExp(
  "^(confidence in this|this sheet was last|these rates were promised|how long an automatic|" +
    "(rates|caching terms) change on .* after)",
);
const MARKS = { stop: "Stop", mind: "Mind", aside: "Note" };

/** The notes of one answer, the gravest first: `stop` for what has no bill, `mind` for what moves it, else `aside`. */
export function notes(answer) {
  const none = ["refused", "withdrawn"].includes(answer.status);
  const texts = [...new Set([...answer.warnings, ...(none ? [] : ofFigures(answer))])];
  const graded = texts.map((text) => ({ text, grade: grade(text, answer) }));
  return graded.toSorted((a, b) => Object.keys(MARKS).indexOf(a.grade) - Object.keys(MARKS).indexOf(b.grade));
}

function grade(text, { status, warnings }) {
  if (status !== "ok" && text === warnings[0]) return "stop";
  return ASIDE.test(text) ? "aside" : "mind";
}

/** Notes as a list beside what they are about; `label` says before each what that is. */
export function noteList(noted, label = "") {
  const items = noted.map(({ text, grade: kind }) => {
    const mark = make("span", { class: "mark" }, MARKS[kind]);
    return make("li", { class: `note ${kind}` }, mark, make("span", {}, label, ...linked(text)));
  });
  return make("ul", { class: "notes" }, ...items);
}

function* ofFigures({ band, lifetime, range, currency, spacing }) {
  if (spacing) yield spacing.text;
  if (band) {
    const [low, high] = apart(band.low, band.high, currency);
    yield `best effort: ${low} if every later query in time hits, ${high} if none does`;
  }
  if (lifetime) {
    const { least, most, total_at_least: high, total_at_most: low } = lifetime;
    const ends = apart(low, high, currency).join(" to ");
    const kept = `the vendor keeps an automatic cache for ${least} to ${most} after its last use`;
    yield `${ends}, since ${kept}; counted here as lost after ${least}`;
  }
  if (range) {
    const terms = range.disputed.map(disputed).join("; ");
    const [low, high] = apart(range.low, range.high, currency);
    yield `${low} to ${high}, since sources disagree: ${terms}`;
  }
}

/** Two bills as their cards have them; in more digits where they would look the same. */
function apart(low, high, currency) {
  const texts = [brief(low, currency), brief(high, currency)];
  return texts[0] === texts[1] ? [amount(low, currency), amount(high, currency)] : texts;
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
  return texts.length ? `Assumed: ${texts.join("; ")}.` : "";
}

/** When a strategy pays in the long run, where the engine knows it. */
export function inTheLongRun({ label, break_even_rate_per_hour: rate, break_even_hit_share: share }) {
  return [
    ...(rate === null ? [] : [`${label} pays above ${count(rate)} queries per hour`]),
    ...(share === null || share === "0" ? [] : [`${label} pays from a hit rate of ${percent(share)}`]),
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
