// Stars for models, kept in this browser.

import { button } from "./elements.js";

const KEY = "cachecost.stars";

/** The ids with a star. */
export function stars() {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY)) ?? []);
  } catch {
    return new Set(); // a browser may forbid storage, or it holds what is not ours
  }
}

/** Give a model a star, or take it away; whether it has one now. */
function star(id) {
  const kept = stars();
  if (!kept.delete(id)) kept.add(id);
  try {
    localStorage.setItem(KEY, JSON.stringify([...kept]));
  } catch {
    return false;
  }
  return kept.has(id);
}

/** The button of a model's star. */
export function starButton(id, { label = id, title = null } = {}) {
  const element = button({ class: "star", title, "aria-label": `Star ${label}` }, () => show(star(id)));
  const show = (on) => {
    element.textContent = on ? "★" : "☆";
    element.setAttribute("aria-pressed", String(on));
  };
  show(stars().has(id));
  return element;
}
