// The answer as cards: a model each, with its best price, two bars on one axis, badges and notes, all strategies below.

import { bars } from "./bars.js";
import { strategies, unserved } from "./bill.js";
import { badge, make, money, slug } from "./elements.js";
import { brief, many, percent, times } from "./figures.js";
import { providerName } from "./models.js";
import { inTheLongRun, noteList, notes } from "./notes.js";

const opened = new Set();

/** The cards of a comparison, cheapest first; `view` says whether amounts are in all, per query or per month. */
export function cards(comparison, view) {
  const models = [...Map.groupBy(comparison.answers, ({ model }) => model).values()];
  const drawn = models.map((answers) => ({
    answers, best: answers[0], fresh: answers.find(({ strategy }) => strategy === "fresh"),
  }));
  const served = drawn.flatMap(({ best, fresh }) => [best, fresh]).filter((each) => each && !unserved(each));
  const longest = Math.max(...served.map(({ total }) => Number(total)), 0);
  return drawn.map((each) => card(each, { comparison, view, longest, several: drawn.length > 1 }));
}

function card({ answers, best, fresh }, { comparison, view, longest, several }) {
  const none = unserved(best);
  const winner = comparison.best?.model === best.model;
  const id = `card-${slug(best.model)}`;
  const title = make("h3", { id }, best.name, make("small", {}, ` ${providerName(best.model.split("/")[0])}`));
  const kind = `card${winner && several ? " winner" : ""}${none ? " none" : ""}`;
  const noted = notes(best);
  return make(
    "li",
    { class: kind, "data-model": best.model, "aria-labelledby": id },
    make("div", { class: "card-head" }, make("div", {}, title, badges(best, { winner: winner && several })),
      price(best, view)),
    none ? null : bars(compared(best, fresh, view), longest),
    none ? null : make("p", { class: "pays" }, pays(best)),
    noted.length ? noteList(noted) : null,
    details(answers, best, several ? opened.has(best.model) : true),
  );
}

function price(best, view) {
  if (unserved(best)) return make("p", { class: "price" }, make("span", { class: "saved more" }, "no answer"));
  const ratio = best.savings_ratio;
  const cached = best.break_even !== null && ratio !== null && Number(ratio) > 0;
  const amount = best.free ? "free" : viewed(best, view);
  const saved = cached ? make("span", { class: "saved less" }, `−${percent(ratio)}`) : null;
  return make("p", { class: "price" }, make("b", {}, amount), saved, make("small", {}, view.unit));
}

/** A bill in the view that was chosen. */
function viewed({ currency, per_query: each, total }, { kind, many }) {
  if (kind === "query") return money(each, currency, brief);
  return money(kind === "month" ? times(total, many) : total, currency, brief);
}

function badges(best, { winner }) {
  const shown = [];
  if (winner) shown.push(["best", "cheapest"]);
  if (best.status === "refused") shown.push(["bad", "refused"]);
  else if (best.status === "withdrawn") shown.push(["bad", "withdrawn"]);
  else if (best.status === "too_short") shown.push(["warn", "too short to cache"]);
  else shown.push(["good", "fits"]);
  if (best.free) shown.push(["good", "free"]);
  const change = best.warnings.find((text) => /(rates|terms) change on|is withdrawn on/.test(text));
  const [day] = /\d{4}-\d{2}-\d{2}/.exec(change ?? "") ?? [];
  if (day) shown.push(["warn", `${/withdrawn/.test(change) ? "ends" : "price changes"} ${day}`]);
  return make("span", { class: "badges" }, ...shown.map(([kind, text]) => badge(text, kind)));
}

/** Without and with cache, as bars on the axis that all cards share. */
function compared(best, fresh, view) {
  const rows = [];
  if (fresh && !unserved(fresh)) rows.push(["uncached", fresh]);
  if (best !== fresh) rows.push(["cached", best]);
  return rows.map(([kind, answer]) => ({
    kind, label: answer.label, total: answer.total, figure: viewed(answer, view),
  }));
}

function pays(best) {
  const texts = [];
  if (best.break_even) {
    const { first } = best.break_even;
    texts.push(first === null ? "never pays" : `breaks even at ${many(first, "query", "queries")}`);
  } else {
    texts.push("no cache is cheaper here");
  }
  if (best.savings_bound !== null) texts.push(`at most ${percent(best.savings_bound)} can be saved`);
  texts.push(...inTheLongRun(best));
  return texts.join(" · ");
}

/** All strategies with their bills, and the notes that are about others than the best. */
function details(answers, best, open) {
  const repeated = new Set(notes(best).map(({ text }) => text));
  const lists = answers.slice(1).map((answer) => [answer, notes(answer).filter(({ text }) => !repeated.has(text))]);
  const noted = lists.filter(([, list]) => list.length).map(([{ label }, list]) => noteList(list, `${label}: `));
  const summary = make("summary", {}, `${many(answers.length, "strategy", "strategies")} with the lines of each bill`);
  const element = make("details", { open }, summary, strategies(answers, best), ...noted);
  element.addEventListener("toggle", () => (element.open ? opened.add(best.model) : opened.delete(best.model)));
  return element;
}
