// What the server refused, in its words, beside the field that it is about.

import { at } from "./elements.js";

/** Say a problem; faults of no field stand below the sentence. */
export function say(form, problem) {
  clear(form);
  const rest = [];
  for (const { word, text } of faultsOf(problem)) {
    const place = form.querySelector(`[data-word="${CSS.escape(word)}"]:not([hidden] *)`);
    const message = place?.querySelector(".fault");
    if (!message) {
      rest.push(text);
      continue;
    }
    message.textContent = text;
    const more = place.closest("details");
    if (more) more.open = true;
    place.querySelector("input:not([type=hidden]), select").setAttribute("aria-invalid", "true");
  }
  at("fault").textContent = rest.length ? rest.join("; ") : "";
  at("status").textContent = problem.message;
}

/** Take all faults away. */
export function clear(form) {
  for (const message of form.querySelectorAll(".fault")) message.textContent = "";
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  at("fault").textContent = "";
}

function faultsOf({ message, errors }) {
  if (errors.length) return errors.map((error) => named(error.detail ?? message, wordOf(error)));
  return [named(message, "")];
}

function wordOf({ parameter, pointer }) {
  return parameter ?? pointer?.replace(/^#?\//, "").split("/")[0] ?? "";
}

/** The word that a message begins with, `context: 'x' is not a count`, where nothing else names it. */
function named(text, word) {
  const found = /^(?:--)?([a-z][a-z_-]*): /.exec(text);
  const own = word || (found ? found[1].replace(/-/g, "_") : /is not a model|model/.test(text) ? "model" : "");
  return { word: own, text: found && found[1].replace(/-/g, "_") === own ? text.slice(found[0].length) : text };
}
