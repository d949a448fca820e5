// Whether amounts are in all, per query or per month; kept behind the # of the address, so that links hold it too.

import { at } from "./elements.js";

const UNITS = { total: "in all", query: "per query", month: "per month" };

/** The view that is chosen: which amounts, how often a month, and the words below a price. */
export function current() {
  const { kind, many } = read();
  return { kind, many, unit: kind === "month" ? `a month, ${many.toLocaleString("en-US")} times` : UNITS[kind] };
}

function read() {
  const found = /^#per=(query|month)(?::(\d{1,6}))?$/.exec(location.hash);
  return { kind: found?.[1] ?? "total", many: Number(found?.[2] ?? 30) };
}

/** Let the buttons choose the view; `changed` draws it. */
export function tend(changed) {
  const show = () => {
    const { kind, many } = read();
    for (const field of document.querySelectorAll("[name=view]")) field.checked = field.value === kind;
    at("often").hidden = kind !== "month";
    at("many").value = String(many);
  };
  const write = () => {
    const kind = document.querySelector("[name=view]:checked").value;
    const many = /^[1-9]\d{0,5}$/.test(at("many").value.trim()) ? at("many").value.trim() : "30";
    const hash = { total: "", query: "#per=query", month: `#per=month:${many}` }[kind];
    history.replaceState(history.state, "", location.pathname + location.search + hash);
    at("often").hidden = kind !== "month";
    changed();
  };
  at("views").addEventListener("input", write);
  show();
}
