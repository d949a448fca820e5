// Pieces of the page: an element with its attributes and children, money that carries its exact digits, a source.

import { amount } from "./figures.js";

/** The element of the page that has an id. */
export function at(id) {
  return document.getElementById(id);
}

/** An element; null children are left out, text is never read as markup. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** The same for a piece of a drawing. */
export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Money rounded as `shown` says, with every digit in a tooltip, and for programs in `value`. */
export function money(exact, currency, shown = amount) {
  return make("data", { class: "money", value: exact, title: `exactly ${exact} ${currency}` }, shown(exact, currency));
}

/** A text in which web addresses are links and everything else is text. */
export function linked(text) {
  const parts = text.split(/(https?:\/\/[^\s,;]+)/);
  return parts.map((part) => {
    if (!/^https?:/.test(part)) return part;
    return make("a", { href: part, rel: "noreferrer" }, part.replace(/^https?:\/\//, ""));
  });
}

/** A table that scrolls inside its own frame where the screen is narrow, reachable by keyboard when it does. */
export function framed(table, label) {
  return make("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": label }, table);
}
