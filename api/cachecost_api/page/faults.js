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

/** What is wrong with which word, `context: 'x' is not a count`; beside its field the word need not be said again. */
function faultsOf({ message, errors }) {
  if (!errors.length) return [{ word: "", text: message }];
  return errors.map(({ parameter: word, detail }) => {
    const lead = `${word}: `;
    return { word, text: detail.startsWith(lead) ? detail.slice(lead.length) : detail };
  });
}
