// What is asked about several times, such as models: a removable chip each, that the form reads as a field.

import { make } from "./elements.js";

/** A chip in a list: the words of a field, and a button that takes it away. */
export function chip(word, text, label = text) {
  const field = make("input", { type: "hidden", name: word, value: text });
  const button = make("button", { type: "button", "aria-label": `Remove ${label}`, title: "Remove" }, "×");
  return make("li", { class: "chip" }, field, make("span", {}, label), button);
}

/** Let the list take new chips from a box with suggestions, and lose them by their buttons. */
export function tend({ form, list, box, add, changed }) {
  const take = () => {
    const text = box.value.trim();
    if (!text) return;
    const there = [...list.querySelectorAll("input")].some((field) => field.value === text);
    if (!there) list.append(chip("model", text));
    box.value = "";
    changed();
  };
  add.addEventListener("click", take);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    take();
  });
  box.addEventListener("input", (event) => {
    // A browser says so when a suggestion was chosen rather than typed.
    const chosen = event.inputType === "insertReplacementText" || !event.inputType;
    if (chosen && [...box.list.options].some((option) => option.value === box.value)) take();
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest(".chip button");
    if (!button) return;
    const chips = button.closest(".chips");
    const place = [...chips.children].indexOf(button.closest(".chip"));
    chips.children[place].remove();
    const next = chips.children[Math.min(place, chips.children.length - 1)];
    (next?.querySelector("button") ?? box).focus();
    changed();
  });
}

/** Fill the suggestions once somebody looks for them. */
export function suggest(box, fetched) {
  box.addEventListener("focus", async () => {
    const names = await fetched();
    box.list.replaceChildren(...names.map((name) => make("option", { value: name })));
  }, { once: true });
}
