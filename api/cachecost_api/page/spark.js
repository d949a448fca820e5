// The rate of a model over time as a small line: level between two price cards, up or down at their days.

import { draw, make } from "./elements.js";
import { rate } from "./figures.js";

const [WIDTH, HEIGHT, EDGE] = [96, 22, 3];

/** A line of flat rates of one kind, oldest first; nothing but a level one where the price never changed. */
export function spark(rates, currency) {
  if (!rates.length) return make("span", {}, "–");
  const times = rates.map(({ effective }) => Date.parse(effective));
  const [first, last] = [times[0], Math.max(Date.now(), times.at(-1))];
  const values = rates.map((each) => Number(each.rate));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const x = (time) => EDGE + ((time - first) / (last - first || 1)) * (WIDTH - 2 * EDGE);
  const y = (value) => HEIGHT - EDGE - (most > least ? (value - least) / (most - least) : 0.5) * (HEIGHT - 2 * EDGE);
  const points = rates.map((each, at) => [x(times[at]), y(each.rate)].map((value) => value.toFixed(1)));
  const path = points.map(([along, up], at) => (at ? `H${along}V${up}` : `M${along} ${up}`));
  const [from, to] = [rates[0], rates.at(-1)];
  const turn = Math.sign(Number(to.rate) - Number(from.rate));
  const text = turn
    ? `from ${rate(from.rate, currency)} to ${rate(to.rate, currency)}`
    : `${rate(to.rate, currency)}, no change`;
  const kind = turn ? (turn < 0 ? "less" : "more") : "level";
  const size = { width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}` };
  const stroke = { fill: "none", stroke: "currentColor", "stroke-width": 1.75 };
  return draw("svg", { class: `spark ${kind}`, ...size, role: "img", "aria-label": text },
    draw("path", { d: `${path.join("")}H${WIDTH - EDGE}`, ...stroke }));
}
