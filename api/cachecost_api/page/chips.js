// What is asked about several times, such as models: a removable chip each, that the form reads as a field.

import { make } from "./elements.js";
import { models } from "./models.js";
import { starButton } from "./stars.js";

/** A chip in a list: the words of a field, and a button that takes it away; a model can have a star too. */
export function chip(word, text, label = text) {
  const field = make("input", { type: "hidden", name: word, value: text });
  const remove = make("button", { type: "button", class: "remove", "aria-label": `Remove ${label}`, title: "Remove" },
    "×");
  const star = word === "model" ? starButton(text, { title: "First in the list of models" }) : null;
  return make("li", { class: "chip" }, field, star, make("span", {}, label), remove);
}

/** Add a model, unless it is there. */
export function add(form, id) {
  const there = [...form.querySelectorAll("#models input")].some((field) => field.value === id);
  if (!there) form.querySelector("#models").append(chip("model", id));
}

/** Let chips go by their buttons; the next one, or the box, has the focus then. */
export function tend(form, changed) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest(".chip .remove");
    if (!button) return;
    const chips = button.closest(".chips");
    const place = [...chips.children].indexOf(button.closest(".chip"));
    chips.children[place].remove();
    const next = chips.children[Math.min(place, chips.children.length - 1)];
    (next?.querySelector(".remove") ?? form.querySelector("#new-model")).focus();
    changed();
  });
}

/** Show the names of models for people instead of their ids. */
export async function name(form) {
  const list = await models();
  for (const item of form.querySelectorAll("#models .chip")) {
    const { value } = item.querySelector("input");
    const isMakers = ({ id, maker, provider }) => maker === provider && id.endsWith(`/${value}`);
    const found = list.find(({ id }) => id === value) ?? list.find(isMakers);
    if (found) item.querySelector("span").textContent = found.name;
  }
}
