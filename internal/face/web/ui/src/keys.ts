// The keys: "g" and a letter opens a door, "?" lists them. Each door carries its letter as data-key, so that the list and
// the keys cannot differ. "n" begins a post, "/" goes to the search. A key typed into a field, or with a modifier, is left alone.

const patience = 1500; // milliseconds between "g" and the letter

export function keys(): void {
  let began = 0;
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) return;
    if (e.key === "?") {
      const list = document.querySelector<HTMLDialogElement>("#keys");
      if (list && !list.open) list.showModal();
      return;
    }
    if (e.key === "g") {
      began = e.timeStamp;
      return;
    }
    if (e.key === "/") {
      e.preventDefault(); // it would be typed into the field
      search();
      return;
    }
    if (e.key === "n" && began === 0) document.querySelector<HTMLAnchorElement>("#door-write")?.click();
    if (began > 0 && e.timeStamp - began < patience) door(e.key)?.click();
    began = 0;
  });
}

// search puts the focus into the page's field, or opens the page that has it; the browser focuses what the address names.
function search(): void {
  const field = document.querySelector<HTMLInputElement>("#q");
  if (field) {
    field.focus();
    field.select();
    return;
  }
  const link = document.querySelector<HTMLAnchorElement>("#door-search");
  if (link) location.assign(`${link.href}#q`);
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}

function door(key: string): HTMLAnchorElement | undefined {
  const doors = document.querySelectorAll<HTMLAnchorElement>("a[data-key]");
  return [...doors].find((a) => a.dataset["key"] === key);
}
