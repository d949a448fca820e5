// Taking the answer along: as a link, a command, a curl, or CSV; by the clipboard, or by hand where there is none.

import { at } from "./elements.js";
import { asCommand } from "./question.js";
import { address, ask } from "./server.js";

/** The texts to copy for a question whose instant is pinned; the live link asks again at the prices of its day. */
export function texts(words) {
  const page = location.pathname.split("/").pop();
  const link = address(page, words) + location.hash;
  const live = address(page, words.filter(([word]) => word !== "as_of")) + location.hash;
  const curl = `curl '${address("v1/compare", words).replace(/'/g, "%27")}'`;
  return { link, live, command: asCommand(words), curl, csv: address("v1/compare.csv", words) };
}

/** Show the texts beside their buttons. */
export function show(found) {
  for (const kind of ["link", "live", "command", "curl"]) at(`as-${kind}`).textContent = found[kind];
  at("as-csv").href = found.csv;
}

/** Let every button copy its text; `current` gives the words of the answer on the page. */
export function tend(current) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const kind = button.dataset.copy;
      const text = kind === "csv" ? await csv(current()) : texts(current())[kind];
      await copy(text, button.textContent.replace("Copy ", ""));
    });
  }
}

async function csv(words) {
  const response = await ask("v1/compare.csv", words);
  return response.text();
}

/** Copy a text, or mark it for the person to copy. */
export async function copy(text, name) {
  const status = at("copied");
  const byHand = at("by-hand");
  byHand.hidden = true;
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = `Copied ${name}.`;
  } catch {
    // Without https, or where it is forbidden, a browser has no clipboard for a page.
    byHand.value = text;
    byHand.hidden = false;
    byHand.select();
    status.textContent = "The browser gives no clipboard here: press Ctrl+C or ⌘C to copy the marked text.";
  }
}
