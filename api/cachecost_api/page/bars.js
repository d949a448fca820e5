// Bars on one axis. A picture may be rounded; the amounts beside it are exact.

import { make } from "./elements.js";

/** A bar as long as its amount beside the longest. */
export function bar(kind, amount, longest) {
  const element = make("span", { class: `bar ${kind}`, "aria-hidden": "true" });
  element.style.setProperty("--share", longest ? Number(amount) / longest : 0);
  return element;
}

/** The same on the ground of the whole axis. */
export function track(...measures) {
  return make("span", { class: "track" }, bar(...measures));
}

/** A list of bars: each row has a `label`, the `kind` of its bar, the `total` that it shows and the `figure` beside. */
export function bars(rows, longest, kind = "bars") {
  const drawn = rows.flatMap(({ label, kind: colour, total, figure }) =>
    [make("dt", {}, label), make("dd", {}, track(colour, total, longest), figure)]);
  return make("dl", { class: kind }, ...drawn);
}
