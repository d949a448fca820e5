// The page that compares: the sentence first, a card for each model, the curves, and where the rates come from.

import * as address from "./address.js";
import { asking, headed } from "./asking.js";
import { cards } from "./cards.js";
import * as copying from "./copying.js";
import { curves, pause, pauses, reasonAgainst } from "./curve.js";
import { without } from "./drawing.js";
import { at, make } from "./elements.js";
import { count, many } from "./figures.js";
import { assumed } from "./notes.js";
import { asCsv, plot } from "./plot.js";
import { duration } from "./scale.js";
import { pointsTable } from "./points.js";
import { buttons } from "./saving.js";
import { sheets } from "./sheets.js";
import { attempt, json, later } from "./server.js";
import { current, tend as tendView } from "./view.js";

const PAUSE = { rest: 200, status: 700 };
const form = at("form");
let now = { words: [], pinned: [], comparison: null };

async function solve(words) {
  show(words, await json("v1/compare", words));
}

function show(words, comparison) {
  const instant = comparison.workload.start;
  const dated = words.some(([word]) => word === "as_of");
  now = { words, pinned: dated ? words : [...words, ["as_of", instant]], comparison };
  headed(comparison, comparison.recommendation, emphasised(comparison.recommendation));
  at("sentence").classList.toggle("none", !comparison.best);
  draw();
  at("assumed").textContent = [
    assumed(comparison),
    ...(comparison.left_out ?? []).map((why) => `Left out: ${why}.`),
  ].join(" ");
  if (!dated) address.pin(words, instant);
  copying.show(copying.texts(now.pinned));
  later("status", PAUSE.status, () => { at("status").textContent = comparison.recommendation; });
  later("rest", PAUSE.rest, rest);
}

/** The cards in the view that was chosen; what had the focus inside keeps it. */
function draw() {
  const place = at("cards");
  const key = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  place.replaceChildren(...cards(now.comparison, current()));
  if (key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

/** Money stands out in a sentence whose text stays what it was; a share is not broken between two lines. */
function emphasised(sentence) {
  const parts = sentence.split(/(-?[$¥€][\d.,]*\d|\([\d.]+% \w+\))/);
  return parts.map((part) => {
    if (part.startsWith("(")) return make("span", {}, part);
    return /^-?[$¥€]/.test(part) ? make("strong", {}, part) : part;
  });
}

/** What may come a moment after the answer: the curves and the price sheets. */
async function rest() {
  const { comparison } = now;
  await Promise.all([curve(), sources(comparison)]);
}

async function sources(comparison) {
  await attempt(async () => {
    const blocks = await sheets(comparison);
    if (comparison === now.comparison) at("sheets").replaceChildren(...blocks);
  }, ({ message }) => at("sheets").replaceChildren(make("p", {}, message)));
}

async function curve() {
  const { words, pinned, comparison } = now;
  const reason = reasonAgainst(words, comparison);
  if (reason) return noCurve(reason);
  await attempt(async () => {
    const paused = document.querySelector("[name=axis]:checked").value === "pause";
    const gap = pause(comparison.workload);
    const series = await (paused ? pauses(pinned, comparison, gap) : curves(pinned, comparison));
    if (comparison !== now.comparison) return;
    at("save").hidden = at("points").hidden = false;
    plotted(series, paused ? ofPauses(gap) : ofQueries(comparison.workload, series));
  }, ({ message }) => noCurve(message));
}

const said = (value) => many(value, "query", "queries");

/** What the chart over numbers of queries says: its axis, your own number, where a cache begins to pay. */
function ofQueries({ queries }, series) {
  const crossings = series
    .filter(({ first }) => first > 1)
    .map(({ name, first }) => `${name} is cheaper from ${said(first)} on`);
  return {
    x: { label: "queries", column: "queries", text: count, said },
    mark: { at: queries, text: `your ${said(queries)}` },
    spoken: ["Cost against the number of queries", ...crossings].join("; "),
    crossings,
  };
}

/** The same over pauses. */
function ofPauses(gap) {
  const each = (value) => `one every ${duration(value)}`;
  return {
    x: { label: "pause between two queries", column: "seconds", text: duration, said: each, log: true, time: true },
    mark: gap && { at: gap, text: `your pause of ${duration(gap)}` },
    spoken: "Cost against the pause between two queries",
    crossings: [],
  };
}

function plotted(series, { crossings, ...axis }) {
  const chart = { series, ...axis, log: at("log").checked };
  plot(at("chart"), chart);
  at("log").onchange = () => plotted(series, { crossings, ...axis });
  at("crossings").replaceChildren(...crossings.map((text) => make("li", {}, text)));
  at("points-table").replaceChildren(pointsTable(chart));
  at("save").replaceChildren(...buttons(at("chart"), "cachecost-curve", () => asCsv(chart)));
}

function noCurve(reason) {
  at("save").hidden = at("points").hidden = true;
  at("crossings").replaceChildren();
  without(at("chart"), `No curve here: ${reason}.`);
}

tendView(() => {
  draw();
  copying.show(copying.texts(now.pinned));
});
at("along-axis").addEventListener("input", curve);
copying.tend(() => now.pinned);
asking(form, solve);
