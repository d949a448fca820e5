// What the chart and the map share: colours of the page, a drawing that follows its place, a tip beside the pointer.

import { draw, make } from "./elements.js";

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const night = matchMedia("(prefers-color-scheme: dark)");

/** Colours of the page as they are now: a drawing that is saved takes them along. */
export function colours() {
  const probe = make("i");
  // Only an element of the document knows which of two colours is in force.
  document.body.append(probe);
  const of = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const [ink, soft, line, paper, accent] = ["ink", "soft", "line", "raised", "accent"].map(of);
  const series = Array.from({ length: 10 }, (_, at) => of(`series-${at}`));
  probe.remove();
  return { ink, soft, line, paper, accent, series };
}

/** An empty drawing of a size, and what a screen reader says of it. */
export function sheet(width, height, spoken) {
  const size = { viewBox: `0 0 ${width} ${height}`, width, height };
  return draw("svg", { ...size, role: "img", "aria-label": spoken, "font-family": FONT, "font-size": 12 });
}

/** A straight line between two points. */
export function line([x1, y1], [x2, y2], style) {
  return draw("line", { x1, y1, x2, y2, ...style });
}

/** A text at a point; `anchor` says which end of it lies there. */
export function text(words, [x, y], anchor, style) {
  return draw("text", { x, y, "text-anchor": anchor, ...style }, words);
}

/** A text with a halo of paper, which keeps it readable on any colour. */
export function haloed(words, point, anchor, style, paint) {
  const halo = { stroke: paint.paper, "stroke-width": 4, "stroke-linejoin": "round", ...style, fill: "none" };
  return [text(words, point, anchor, halo), text(words, point, anchor, { ...style, fill: paint.ink })];
}

/** Draw into a place now, and again whenever its width or the colours change, until something else is shown there. */
export function follow(place, again) {
  place.ends?.abort();
  place.ends = new AbortController();
  const { signal } = place.ends;
  let width = place.clientWidth;
  const observer = new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    again();
  });
  observer.observe(place);
  signal.addEventListener("abort", () => observer.disconnect());
  night.addEventListener("change", again, { signal });
  again();
}

/** Say in a place why there is no drawing. */
export function without(place, reason) {
  place.ends?.abort();
  place.replaceChildren(make("p", {}, reason));
}

/** The place of the value that is nearest by a distance. */
export function nearest(values, distance) {
  return values.reduce((best, each, here) => (distance(each) < distance(values[best]) ? here : best), 0);
}

/** A tip for values, which a screen reader hears. */
export function hiddenTip() {
  return make("div", { class: "tip", role: "status", hidden: true });
}

/** Show lines in a tip so far beside `x`, on the side with more room. */
export function showTip(tip, lines, { x, width, gap }) {
  const left = x > width / 2;
  tip.replaceChildren(...lines);
  tip.hidden = false;
  tip.style.left = left ? "auto" : `${x + gap}px`;
  tip.style.right = left ? `${width - x + gap}px` : "auto";
}
