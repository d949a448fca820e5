// Sliders beside exact fields: round numbers of queries, and pauses between them in the units that people say.

import { nearest } from "./drawing.js";
import { make } from "./elements.js";

const NUMBERS = [1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 2000, 5000, 10000];
const PAUSES = ["10s", "30s", "1m", "2m", "3m", "4m", "5m", "6m", "10m", "15m", "20m", "30m", "45m", "1h", "90m", "2h",
  "4h", "8h", "12h", "1d"];
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** A slider by itself; `tend` connects it with the field that holds its exact value. */
export function slider(kind, label) {
  const steps = kind === "gap" ? PAUSES.length : NUMBERS.length - 1;
  return make("input", { type: "range", id: `${kind}-slider`, min: "0", max: String(steps), "aria-label": label });
}

/** A duration in seconds, `1h30m`; NaN where it is written otherwise. */
export function seconds(text) {
  if (!/^([0-9.]+[smhdw])+$/.test(text)) return NaN;
  return [...text.matchAll(/([0-9.]+)([smhdw])/g)].reduce((sum, [, size, unit]) => sum + size * SECONDS[unit], 0);
}

/** A count as people write it, `150K`, `1.5M`; NaN where it is written otherwise. */
export function number(text) {
  const found = /^\s*([0-9][0-9_,]*\.?[0-9]*)\s*([kKMB]?)\s*$/.exec(text);
  if (!found) return NaN;
  return Number(found[1].replace(/[_,]/g, "")) * { "": 1, k: 1e3, K: 1e3, M: 1e6, B: 1e9 }[found[2]];
}

/** Let the sliders write into the fields of the form. */
export function tend(form) {
  const [queries, every, come] = ["queries", "every", "come"].map((id) => form.querySelector(`#${id}`));
  form.querySelector("#number-slider").addEventListener("input", ({ target }) => {
    queries.value = String(NUMBERS[target.value]);
    target.setAttribute("aria-valuetext", `${queries.value} queries`);
  });
  form.querySelector("#gap-slider").addEventListener("input", ({ target }) => {
    const place = Number(target.value);
    come.value = place ? "every" : "together";
    every.value = place ? PAUSES[place - 1] : "";
    show(form);
  });
}

/** Put the sliders where the fields are, and hide those that the way in which queries come has no use for. */
export function show(form) {
  const [many, gap] = ["number", "gap"].map((kind) => form.querySelector(`#${kind}-slider`));
  const asked = number(form.querySelector("#queries").value);
  many.value = String(closest(NUMBERS, asked));
  many.setAttribute("aria-valuetext", `${form.querySelector("#queries").value} queries`);
  const way = form.querySelector("#come").value;
  gap.hidden = !["together", "every"].includes(way);
  const text = form.querySelector("#every").value;
  const place = way === "every" ? 1 + closest(PAUSES.map(seconds), seconds(text)) : 0;
  gap.value = String(place);
  gap.setAttribute("aria-valuetext", place ? `one every ${text}` : "all within one time to live");
}

function closest(values, wanted) {
  return nearest(values, (value) => Math.abs(Math.log(value / (wanted || values[0]))));
}
