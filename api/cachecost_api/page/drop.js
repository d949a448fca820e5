// A place to drop a file into, or to choose one for.

/** Let a place take one file, dropped or chosen in its field; `take` gets it. */
export function tend(place, field, take) {
  const mark = (on) => (event) => {
    event.preventDefault();
    place.classList.toggle("over", on);
  };
  place.addEventListener("dragover", mark(true));
  place.addEventListener("dragleave", mark(false));
  place.addEventListener("drop", (event) => {
    mark(false)(event);
    const [file] = event.dataTransfer.files;
    if (file) take(file);
  });
  field.addEventListener("change", () => {
    const [file] = field.files;
    field.value = ""; // the same file may be chosen again, after a change
    if (file) take(file);
  });
}

/** `1.2 MB`: how large a file is. */
export function size({ size: bytes }) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
