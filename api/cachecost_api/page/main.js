// The page: what is typed becomes a question, the question an answer, and the sentence of the answer stands first.

import * as address from "./address.js";
import { cards } from "./card.js";
import { draw, pointsTable, refusal, whenDarkChanges, without, wordsOf } from "./chart.js";
import { suggest, tend as tendChips } from "./chips.js";
import * as copying from "./copying.js";
import { make } from "./elements.js";
import * as faults from "./faults.js";
import { asked, assumed, notes } from "./notes.js";
import * as question from "./question.js";
import { ask, Problem } from "./server.js";
import { table, unserved } from "./table.js";

const form = document.getElementById("form");
const at = (id) => document.getElementById(id);
const PAUSE = { key: 25, quick: 100, rest: 200, telling: 700 };
const NEEDED = { model: "name at least one", context: "say how many tokens, such as 100K" };
const timers = new Map();
let lastKey = 0;
let now = { words: [], pinned: [], comparison: null };

function later(name, wait, action) {
  clearTimeout(timers.get(name));
  timers.set(name, setTimeout(action, wait));
}

/** A first key is answered at once; keys that follow quickly are answered together. */
function typed() {
  const quick = performance.now() - lastKey < PAUSE.quick;
  lastKey = performance.now();
  later("key", quick ? PAUSE.key : 0, answer);
}

async function answer() {
  const words = question.fromForm(form);
  address.hold(words);
  try {
    for (const [needed, told] of Object.entries(NEEDED)) {
      if (!words.some(([word]) => word === needed)) throw new Problem({ detail: `${needed}: ${told}` });
    }
    const response = await ask("v1/compare", words);
    show(words, await response.json());
  } catch (error) {
    refused(error);
  }
}

function refused(error) {
  if (error.name === "AbortError") return;
  if (!(error instanceof Problem)) throw error;
  document.body.classList.add("stale");
  if (!now.comparison) at("sentence").textContent = "This question has no answer yet.";
  faults.say(form, error);
}

function show(words, comparison) {
  const instant = comparison.workload.start;
  const dated = words.some(([word]) => word === "as_of");
  const pinned = dated ? words : [...words, ["as_of", instant]];
  now = { words, pinned, comparison };
  document.body.classList.remove("stale");
  at("answers").hidden = false;
  faults.clear(form);
  at("sentence").replaceChildren(...emphasised(comparison.sentence));
  at("sentence").classList.toggle("none", !comparison.best);
  document.title = `${comparison.sentence.split(":")[0]} · cachecost`;
  at("asked").textContent = asked(comparison);
  replace(at("table"), table(comparison));
  at("notes").replaceChildren(...notes(comparison));
  at("assumed").textContent = assumed(comparison);
  if (!dated) address.pin(words, instant);
  copying.show(copying.texts(pinned));
  later("telling", PAUSE.telling, () => { at("told").textContent = comparison.sentence; });
  later("rest", PAUSE.rest, rest);
}

/** Money stands out in a sentence whose text stays what it was; a share is not broken between two lines. */
function emphasised(sentence) {
  const parts = sentence.split(/(-?[$¥€][\d.,]*\d|\([\d.]+% \w+\))/);
  return parts.map((part) => {
    if (part.startsWith("(")) return make("span", {}, part);
    return /^-?[$¥€]/.test(part) ? make("strong", {}, part) : part;
  });
}

/** Put a new element in place of the old; whoever had the focus inside keeps it. */
function replace(place, element) {
  const key = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  place.replaceChildren(element);
  if (key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

/** What may come a moment after the sentence: the curve and the price cards. */
async function rest() {
  const { comparison } = now;
  offerModels(comparison);
  try {
    const blocks = await cards(comparison);
    if (comparison !== now.comparison) return;
    at("sheets").replaceChildren(...blocks);
  } catch (error) {
    refused(error);
  }
  await curve();
}

function offerModels({ answers, best }) {
  const models = [...new Set(answers.map(({ model }) => model))];
  const chosen = at("curve-model").value;
  at("of-model").hidden = models.length < 2;
  at("curve-model").replaceChildren(...models.map((model) => make("option", {}, model)));
  at("curve-model").value = models.includes(chosen) ? chosen : best?.model ?? models[0];
}

async function curve() {
  const reason = without(now.words);
  if (reason) return noCurve(reason);
  const model = at("curve-model").value;
  const none = now.comparison.answers.find((answer) => answer.model === model && unserved(answer));
  if (none) return noCurve(`${model} ${none.status === "refused" ? "would refuse these queries" : "was withdrawn"}`);
  const words = wordsOf(now.pinned, now.comparison, model);
  try {
    const picture = await draw(at("chart"), words);
    at("points").hidden = !picture;
    if (!picture) at("chart").replaceChildren(await pointsTable(words));
    else if (at("points").open) await points();
  } catch (error) {
    if (error.name === "AbortError") return;
    noCurve(refusal(error) ?? String(error));
  }
}

function noCurve(reason) {
  at("points").hidden = true;
  at("chart").replaceChildren(make("p", {}, `No curve here: ${reason}.`));
}

async function points() {
  if (without(now.words)) return;
  const words = wordsOf(now.pinned, now.comparison, at("curve-model").value);
  at("points-table").replaceChildren(await pointsTable(words));
}

async function knownModels() {
  const text = await ask("v1/models.csv").then((response) => response.text());
  return text.trim().split("\n").slice(1).map((line) => line.split(",")[0]);
}

function open() {
  const words = question.fromAddress(location.search || `?${question.EXAMPLE}`);
  const live = address.asksNow() ? words.filter(([word]) => word !== "as_of") : words;
  question.intoForm(form, live);
  address.opened(question.fromForm(form));
  answer();
}

function modelsChanged() {
  address.said();
  answer();
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", (event) => {
  if (event.target.id === "come") question.showWay(form);
  if (event.target.id !== "new-model") typed();
});
form.addEventListener("change", () => later("said", PAUSE.rest, address.said));
tendChips({ form, list: at("models"), box: at("new-model"), add: at("add-model"), changed: modelsChanged });
suggest(at("new-model"), knownModels);
at("curve-model").addEventListener("change", curve);
at("points").addEventListener("toggle", () => at("points").open && points());
copying.tend(() => now.pinned);
whenDarkChanges(curve);
at("skip").addEventListener("click", (event) => {
  // The address holds the question and nothing else, so no #answers.
  event.preventDefault();
  at("answers").focus();
});
addEventListener("popstate", open);
open();
