// A drawing taken along as a file: SVG as it is drawn, PNG at twice its size, CSV of its values.

import { colours } from "./drawing.js";
import { button, make } from "./elements.js";

/** Buttons that save the drawing of a place; `csv` gives its values, null where another link has them. */
export function buttons(place, name, csv) {
  const kinds = {
    SVG: () => save(svgOf(place), `${name}.svg`),
    PNG: async () => save(await pngOf(place), `${name}.png`),
    ...(csv && { CSV: () => save(new Blob([csv()], { type: "text/csv" }), `${name}.csv`) }),
  };
  return Object.entries(kinds).map(([kind, action]) => button({ "aria-label": `Save as ${kind}` }, action, kind));
}

function svgOf(place) {
  const copy = place.querySelector("svg").cloneNode(true);
  copy.querySelector(".cursor")?.remove();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.style.background = colours().paper;
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
}

async function pngOf(place) {
  const { width, height } = place.querySelector("svg").viewBox.baseVal;
  const url = URL.createObjectURL(svgOf(place));
  const image = new Image(width, height);
  image.src = url;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
  const pen = canvas.getContext("2d");
  pen.scale(2, 2);
  pen.fillStyle = colours().paper;
  pen.fillRect(0, 0, width, height);
  pen.drawImage(image, 0, 0, width, height);
  URL.revokeObjectURL(url);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function save(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
