// The address bar holds the whole question, so a link is a saved answer, and the back button goes to the last one.

import { asQuery } from "./question.js";

let typing = false;
let shown = "";

/** Take over the address as it stands. */
export function opened(words) {
  typing = false;
  shown = asQuery(words);
}

/** Hold a question that is being typed: a new entry of the history at its first key, the same one after. */
export function hold(words) {
  const query = asQuery(words);
  if (query === shown) return;
  write(query, typing ? "replaceState" : "pushState");
  typing = true;
}

/** The question is said; the next key begins another entry. */
export function said() {
  typing = false;
}

/** Pin the instant at which prices were looked up, so that the link stays this answer; this visit still asks "now". */
export function pin(words, instant) {
  write(asQuery([...words, ["as_of", instant]]), "replaceState", { now: true });
  shown = asQuery(words);
}

/** Whether the entry of the history was asked as of now, when it was written by this page. */
export function asksNow() {
  return history.state?.now === true;
}

function write(query, how, state = null) {
  history[how](state, "", (query ? `?${query}` : location.pathname) + location.hash);
  shown = query;
}
