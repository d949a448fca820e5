// Pieces of the page: an element with its attributes and children, buttons, tables, money with all its digits.

import { amount } from "./figures.js";

/** The element of the page that has an id. */
export function at(id) {
  return document.getElementById(id);
}

/** An element; null children are left out, text is never read as markup. */
export function make(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for a piece of a drawing. */
export function draw(tag, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Any text as the end of an id. */
export function slug(text) {
  return text.replace(/[^a-z0-9]/gi, "-");
}

/** A button that does something when it is pressed. */
export function button(attributes, pressed, ...children) {
  const element = make("button", { type: "button", ...attributes }, ...children);
  element.addEventListener("click", pressed);
  return element;
}

/** A button that shows a part of the page and hides it again; `turned` hears whether the part is shown. */
export function disclosure(part, attributes, turned, ...children) {
  const state = () => String(!part.hidden);
  const element = button({ ...attributes, "aria-controls": part.id, "aria-expanded": state() }, () => {
    part.hidden = !part.hidden;
    element.setAttribute("aria-expanded", state());
    turned(!part.hidden);
  }, ...children);
  return element;
}

/** Money rounded as `shown` says, with every digit in a tooltip, and for programs in `value`. */
export function money(exact, currency, shown = amount) {
  return make("data", { class: "money", value: exact, title: `exactly ${exact} ${currency}` }, shown(exact, currency));
}

/** A word on a coloured ground; null where there is no text. */
export function badge(text, kind) {
  return text ? make("span", { class: `badge ${kind}` }, text) : null;
}

/** A spot in the colour of what it stands for in a drawing. */
export function swatch(colour, kind = "") {
  const element = make("i", { class: kind, "aria-hidden": "true" });
  element.style.color = colour; // the policy of the page forbids an attribute `style`
  return element;
}

/** A text in which web addresses are links and everything else is text. */
export function linked(text) {
  const parts = text.split(/(https?:\/\/[^\s,;]+)/);
  return parts.map((part) => {
    if (!/^https?:/.test(part)) return part;
    return make("a", { href: part, rel: "noreferrer" }, part.replace(/^https?:\/\//, ""));
  });
}

/** A table; a heading is the text of a column and its class, such as `figure`. */
export function table(headings, rows, { caption = "", ...attributes } = {}) {
  const head = headings.map(([text, kind = ""]) => make("th", { scope: "col", class: kind }, text));
  return make(
    "table",
    attributes,
    caption ? make("caption", {}, caption) : null,
    make("thead", {}, make("tr", {}, ...head)),
    make("tbody", {}, ...rows),
  );
}

/** The heading of a row. */
export function title(...children) {
  return make("th", { scope: "row" }, ...children);
}

/** A cell of a row with its class, such as `figure`. */
export function cell(kind, ...children) {
  return make("td", { class: kind }, ...children);
}

/** A table that scrolls inside its own frame where the screen is narrow, reachable by keyboard when it does. */
export function framed(content, label) {
  return make("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": label }, content);
}
