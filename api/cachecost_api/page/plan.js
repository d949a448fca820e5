// The page that advises: the cheapest strategy of one model, what would change it, and the map around the question.

import { asking, headed } from "./asking.js";
import { pause, WAYS } from "./curve.js";
import { colours, without } from "./drawing.js";
import { at, make, swatch } from "./elements.js";
import { many, percent } from "./figures.js";
import { colourOf, map, shares } from "./map.js";
import { buttons } from "./saving.js";
import { address, attempt, json, later } from "./server.js";

const REST = 200;
const form = at("form");
let words = [];

async function solve(given) {
  words = given;
  const models = words.filter(([word]) => word === "model").map(([, id]) => id);
  const chosen = models.includes(at("model").value) ? at("model").value : models[0];
  at("of-model").hidden = models.length < 2;
  at("model").replaceChildren(...models.map((id) => make("option", {}, id)));
  at("model").value = chosen;
  const one = [["model", chosen], ...words.filter(([word]) => word !== "model")];
  const advice = await json("v1/plan", one.filter(([word]) => word !== "strategy"));
  show(advice);
  later("rest", REST, () => drawMap(one, advice));
}

function show(advice) {
  headed(advice, advice.sentence);
  at("status").textContent = advice.sentence;
  changes(advice);
  const rules = advice.rules.map(({ text }) => make("li", {}, text));
  at("rules").replaceChildren(...(rules.length ? rules : [make("li", {}, "None: no cache is sold here.")]));
}

/** What would make another strategy win. */
function changes({ thresholds, workload }) {
  const items = thresholds.map(({ axis, direction, value, label }) => {
    const at = valued(axis, value, workload);
    return make("li", {}, make("b", {}, label),
      ` is cheaper ${direction === "above" ? `from ${at} on` : `at ${at} or less`}`);
  });
  at("changes").replaceChildren(...(items.length ? items : [make("li", {}, "Nothing that was looked at.")]));
}

/** Queries that are spread over a window come closer together where it is shorter, so that is what would change. */
function valued(axis, value, { over, rate_per_hour: rate }) {
  if (axis === "hit_share") return `a hit rate of ${percent(value)}`;
  if (axis === "queries") return many(value, "query", "queries");
  return `${over ? "a window" : rate ? "a mean pause" : "a pause"} of ${value}`;
}

async function drawMap(one, advice) {
  const { workload } = advice;
  const most = Math.max(200, 10 ** Math.ceil(Math.log10(2 * workload.queries)));
  const kept = one.filter(([word]) => !WAYS.includes(word));
  const sweep = [...kept, ["sweep", "every=10s..1d:32"], ["sweep", `queries=1..${most}:20`]];
  await attempt(async () => {
    const grid = await json("v1/sweep", sweep);
    const you = { gap: pause(workload), queries: workload.queries };
    map(at("chart"), grid, you);
    const paint = colours();
    at("legend").replaceChildren(...shares(grid).map(({ name, label, share }) => {
      const colour = grid.labels[name] ? colourOf(name, grid, paint) : paint.line;
      return make("li", {}, swatch(colour), `${label} ${Math.round(share * 100)}%`);
    }));
    const csv = make("a", { href: address("v1/sweep.csv", sweep) }, "CSV");
    at("save").replaceChildren(...buttons(at("chart"), "cachecost-map", null), csv);
  }, ({ message }) => {
    at("save").replaceChildren();
    at("legend").replaceChildren();
    without(at("chart"), `No map here: ${message}.`);
  });
}

at("model").addEventListener("change", () => form.dispatchEvent(new Event("input")));
asking(form, solve);
