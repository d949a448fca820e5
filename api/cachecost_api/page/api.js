// The page for programs: lines to copy, with the address of this server in them.

import { at, button, make } from "./elements.js";
import { copy } from "./copying.js";

const base = new URL(".", document.baseURI).href;
const QUESTION = "model=claude-opus-5-5&context=150K&queries=50&every=3m";
const SNIPPETS = [
  ["curl: compare models", `curl '${base}v1/compare?${QUESTION}&model=gpt-5.6-luna'`],
  ["curl: the cheapest total, one number", `curl '${base}v1/cost.txt?${QUESTION}'`],
  ["curl: tokens of a document", `curl --data-binary @contract.pdf '${base}v1/count?name=contract.pdf'`],
  ["curl: what a log cost", `curl --data-binary @log.jsonl '${base}v1/replay?name=log.jsonl&by=day'`],
  ["Google Sheets: a table that follows the prices", `=IMPORTDATA("${base}v1/compare.csv?${QUESTION}", ",", "en_US")`],
  ["Google Sheets: one number", `=IMPORTDATA("${base}v1/cost.txt?${QUESTION}", ",", "en_US")`],
  ["Excel", `=NUMBERVALUE(WEBSERVICE("${base}v1/cost.txt?${QUESTION}"), ".", ",")`],
  ["Grafana, Infinity data source: type JSON, rows at answers", `${base}v1/compare?${QUESTION}&number=float`],
  ["Prometheus",
    `scrape_configs:\n  - job_name: cachecost\n    static_configs:\n      - targets: [${new URL(base).host}]`],
  ["Python",
    `import requests\n\nanswer = requests.get("${base}v1/compare", ` +
    'params={"model": "claude-opus-5-5", "context": "150K"}).json()\nprint(answer["sentence"])'],
  ["Embed this page, where cachecost serve --embed allows your origin",
    `<iframe src="${base}?${QUESTION}" width="100%" height="900"></iframe>`],
];

at("snippets").append(...SNIPPETS.map(([title, text]) => {
  const copies = button({ "aria-label": `Copy ${title}` }, () => copy(text, title), "Copy");
  const head = make("div", { class: "title" }, make("h2", {}, title), copies);
  return make("section", { class: "snippet" }, head, make("pre", { tabindex: "0" }, make("code", {}, text)));
}));
