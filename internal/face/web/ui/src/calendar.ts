// What the script adds to the calendar, which works without it: arrow keys that go from day to day and from post to post, posts that
// can be dragged to another day or hour, a count of the chosen ones, and the viewer's own zone among the zones.
//
// The month and the week are grids (https://www.w3.org/WAI/ARIA/apg/patterns/grid/): Tab comes to one post of them, and to what can be
// done with it; arrow keys go on. Every move is a form that the server answers by saying first what it costs.

const dragFrom = 6; // pixels: less is a click
const dayLong = 86_400_000;

export function calendar(): void {
  prepare();
  document.addEventListener("htmx:after:swap", prepare);
  document.addEventListener("keydown", onKey);
  document.addEventListener("change", onChange);
  document.addEventListener("pointerdown", onPointer);
  document.addEventListener("dragstart", (e) => {
    if (e.target instanceof Element && e.target.closest("[data-grid] .entry")) e.preventDefault();
  });
}

function prepare(): void {
  ownZone();
  const grid = document.querySelector<HTMLElement>("[data-grid]");
  if (!grid || grid.getAttribute("role") === "grid") return;
  grid.setAttribute("role", "grid");
  grid.setAttribute("aria-describedby", "cal-keys");
  if (grid.dataset["grid"] === "week") {
    grid.setAttribute("aria-label", grid.dataset["label"] ?? "");
    for (const day of all(grid, ".week-day")) day.setAttribute("role", "row");
    for (const head of all(grid, ".week-head")) head.setAttribute("role", "rowheader");
    for (const slot of all(grid, ".slot")) {
      slot.setAttribute("role", "gridcell");
      if (slot.childElementCount > 0) continue; // what stands in it names it
      const day = slot.parentElement?.querySelector("h3")?.textContent ?? "";
      slot.setAttribute("aria-label", `${day}, ${(slot.dataset["hour"] ?? "").padStart(2, "0")}:00`);
    }
  } else {
    for (const cell of all(grid, "td")) cell.setAttribute("role", "gridcell");
  }
  for (const control of all(grid, "[data-date] :is(a, input)")) {
    if (!control.closest(".week-head")) control.tabIndex = -1;
  }
  const first = grid.querySelector<HTMLElement>(".today .entry") ?? grid.querySelector<HTMLElement>(".entry");
  const cell = first ? cellOf(first) : matrix(grid).flat()[0];
  if (cell) rove(cell, first, false);
}

function all(within: ParentNode, selector: string): HTMLElement[] {
  return [...within.querySelectorAll<HTMLElement>(selector)];
}

function cellOf(el: Element | null): HTMLElement | null {
  return el?.closest<HTMLElement>("[data-grid] td[data-date], [data-grid] .slot") ?? null;
}

// matrix returns the cells as they are seen: rows of weeks, or rows of hours.
function matrix(grid: HTMLElement): HTMLElement[][] {
  if (grid.dataset["grid"] !== "week") return all(grid, "tbody tr").map((tr) => all(tr, "td"));
  const days = all(grid, ".week-day").map((day) => all(day, ".slot"));
  return (days[0] ?? []).map((_, hour) => days.map((day) => day[hour]).filter((s) => s !== undefined));
}

// rove makes one post, or an empty cell, what Tab comes to; with it what can be done there.
function rove(cell: HTMLElement, entry: HTMLElement | null, focus: boolean): void {
  const grid = cell.closest("[data-grid]");
  if (!grid) return;
  for (const was of all(grid, "[data-current]")) {
    delete was.dataset["current"];
    was.tabIndex = -1;
  }
  const reach = (el: HTMLElement): void => {
    el.tabIndex = 0;
    el.dataset["current"] = "";
  };
  for (const control of all(cell, ":scope > a, .day a")) reach(control);
  const item = entry?.closest("li");
  if (item) for (const control of all(item, "a, input")) reach(control);
  else reach(cell);
  if (focus) {
    const to = entry ?? cell;
    to.focus();
    to.scrollIntoView({ block: "nearest" });
  }
}

function onKey(e: KeyboardEvent): void {
  if (e.ctrlKey || e.metaKey || e.altKey || !(e.target instanceof HTMLElement)) return;
  const cell = cellOf(e.target);
  const grid = cell?.closest<HTMLElement>("[data-grid]");
  if (!cell || !grid) return;
  const item = e.target.closest("li");
  const entry = item?.querySelector<HTMLElement>(".entry") ?? null;
  const back = document.documentElement.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
  const on = back === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
  switch (e.key) {
    case back:
      go(grid, cell, entry, 0, -1);
      break;
    case on:
      go(grid, cell, entry, 0, 1);
      break;
    case "ArrowUp":
      go(grid, cell, entry, -1, 0);
      break;
    case "ArrowDown":
      go(grid, cell, entry, 1, 0);
      break;
    case "Home":
      go(grid, cell, entry, 0, -7);
      break;
    case "End":
      go(grid, cell, entry, 0, 7);
      break;
    case "m":
      item?.querySelector<HTMLElement>(".mv")?.click();
      break;
    case "x":
      item?.querySelector<HTMLInputElement>("input")?.click();
      break;
    case "a":
      begin(cell);
      break;
    default:
      return;
  }
  e.preventDefault();
}

// go moves by posts within a day, and by cells beyond; cells that are not shown are passed over.
function go(grid: HTMLElement, cell: HTMLElement, entry: HTMLElement | null, down: number, across: number): void {
  const here = all(cell, ".entry");
  const at = entry ? here.indexOf(entry) : -1;
  const next = here[at + down];
  if (down !== 0 && next) { // from what stands above the posts of a day, down is the first of them
    rove(cell, next, true);
    return;
  }
  const rows = matrix(grid);
  let row = rows.findIndex((r) => r.includes(cell));
  let column = rows[row]?.indexOf(cell) ?? -1;
  if (Math.abs(across) > 1) {
    const shown = (rows[row] ?? []).filter((c) => c.offsetParent !== null);
    const end = across < 0 ? shown[0] : shown[shown.length - 1];
    if (end) rove(end, all(end, ".entry")[0] ?? null, true);
    return;
  }
  for (;;) {
    row += down;
    column += across;
    const width = rows[row]?.length ?? 0;
    if (across !== 0 && (column < 0 || column >= width)) { // on to the next week, or the one before
      row += across;
      column = across > 0 ? 0 : (rows[row]?.length ?? 0) - 1;
    }
    const to = rows[row]?.[column];
    if (!to) return;
    if (to.offsetParent === null) continue;
    const there = all(to, ".entry");
    const pick = down < 0 ? there[there.length - 1] : down > 0 ? there[0] : there[Math.min(Math.max(at, 0), there.length - 1)];
    rove(to, pick ?? null, true);
    return;
  }
}

// begin opens the editor for a post on a day, and at an hour where one is meant.
function begin(cell: HTMLElement): void {
  const add = cell.querySelector<HTMLAnchorElement>(".add") ?? cell.parentElement?.querySelector<HTMLAnchorElement>(".week-head .add");
  if (!add) return;
  const hour = cell.dataset["hour"];
  location.assign(hour === undefined ? add.href : `${add.href}&clock=${hour.padStart(2, "0")}:00`);
}

function onChange(e: Event): void {
  if (!(e.target instanceof HTMLInputElement)) return;
  if (e.target.name === "post") {
    const said = document.getElementById("chosen-count");
    const n = document.querySelectorAll("#chosen input[name=post]:checked").length;
    if (said) said.textContent = n === 0 ? (said.dataset["none"] ?? "") : (said.dataset["some"] ?? "").replace("{n}", String(n));
  }
  const pick = e.target.closest("#filters .pick");
  if (pick) {
    const n = pick.querySelectorAll("input:checked").length;
    const summary = pick.querySelector("summary");
    summary?.querySelector(".count")?.remove();
    if (n > 0) {
      const count = document.createElement("span");
      count.className = "count number";
      count.textContent = String(n);
      summary?.append(" ", count);
    }
  }
}

// ownZone offers the clock of the viewer's own machine.
function ownZone(): void {
  const zones = document.querySelector<HTMLSelectElement>("select#zone[data-own]");
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zones || !own || [...zones.options].some((o) => o.value === own || o.text.includes(own))) return;
  zones.add(new Option((zones.dataset["own"] ?? "%s").replace("%s", own), own));
}

// onPointer drags a post with a mouse or a pen. A finger scrolls; it has the way of "Move…".
function onPointer(down: PointerEvent): void {
  if (down.button !== 0 || down.pointerType === "touch" || !(down.target instanceof Element)) return;
  const entry = down.target.closest<HTMLElement>("[data-grid] .entry[data-post]");
  const from = cellOf(entry);
  const form = document.querySelector<HTMLFormElement>("#dragged");
  if (!entry || !from || !form) return;
  let ghost: HTMLElement | null = null;
  let over: HTMLElement | null = null;
  const light = (cell: HTMLElement | null): void => {
    over?.classList.remove("drop");
    over = cell;
    over?.classList.add("drop");
  };
  const move = (e: PointerEvent): void => {
    if (!ghost && Math.hypot(e.clientX - down.clientX, e.clientY - down.clientY) < dragFrom) return;
    if (!ghost) {
      ghost = entry.cloneNode(true) as HTMLElement;
      ghost.removeAttribute("id");
      ghost.setAttribute("aria-hidden", "true");
      ghost.classList.add("ghost");
      ghost.style.left = "0"; // the pointer's place is counted from there in every language
      ghost.style.inlineSize = `${entry.offsetWidth}px`;
      document.body.append(ghost);
    }
    ghost.style.transform = `translate(${e.clientX + 8}px, ${e.clientY + 8}px)`;
    light(cellOf(document.elementFromPoint(e.clientX, e.clientY)));
  };
  const end = (): void => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", up);
    document.removeEventListener("pointercancel", end);
    document.removeEventListener("keydown", escape);
    ghost?.remove();
    light(null);
  };
  const escape = (e: KeyboardEvent): void => {
    if (e.key === "Escape") end();
  };
  const up = (): void => {
    const to = over;
    const dragged = ghost !== null;
    end();
    if (!dragged) return;
    const swallow = (e: Event): void => e.preventDefault(); // the click that ends a drag opens nothing
    document.addEventListener("click", swallow, { capture: true });
    setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), 0);
    if (to && to !== from) send(form, entry, from, to);
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", up);
  document.addEventListener("pointercancel", end);
  document.addEventListener("keydown", escape);
}

function send(form: HTMLFormElement, entry: HTMLElement, from: HTMLElement, to: HTMLElement): void {
  const day = (cell: HTMLElement): number => Date.parse(`${cell.dataset["date"] ?? ""}T00:00:00Z`);
  const hour = (cell: HTMLElement): number => Number(cell.dataset["hour"] ?? 0);
  const put = (name: string, value: string | number): void => {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = String(value);
  };
  put("post", entry.dataset["post"] ?? "");
  put("days", Math.round((day(to) - day(from)) / dayLong));
  put("hours", hour(to) - hour(from));
  form.submit();
}
