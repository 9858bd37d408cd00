// What the script adds to the library of pictures, which works without it: files that are dragged onto the page or pasted go into the
// file field and are sent; a click or the arrow keys on a picture move the point that a crop keeps.

export function pictures(): void {
  const form = document.querySelector<HTMLFormElement>("#upload");
  if (form) uploads(form);
  const whole = document.querySelector<HTMLElement>("[data-point]");
  if (whole) point(whole);
}

function uploads(form: HTMLFormElement): void {
  const field = form.querySelector<HTMLInputElement>("input[type=file]");
  if (!field) return;
  const send = (files: FileList | undefined | null): boolean => {
    const some = [...(files ?? [])].filter((f) => f.type.startsWith("image/"));
    if (some.length === 0) return false;
    const all = new DataTransfer();
    for (const f of some) all.items.add(f);
    field.files = all.files;
    form.requestSubmit();
    return true;
  };
  document.addEventListener("dragover", (e) => {
    if (!e.dataTransfer?.types.includes("Files")) return;
    e.preventDefault();
    form.classList.add("dropping");
  });
  document.addEventListener("dragleave", (e) => {
    if (e.relatedTarget === null) form.classList.remove("dropping");
  });
  document.addEventListener("drop", (e) => {
    form.classList.remove("dropping");
    if (!e.dataTransfer?.types.includes("Files")) return;
    e.preventDefault();
    send(e.dataTransfer.files);
  });
  document.addEventListener("paste", (e) => {
    if (send(e.clipboardData?.files)) e.preventDefault();
  });
}

function point(whole: HTMLElement): void {
  const x = document.querySelector<HTMLInputElement>("#focus-x");
  const y = document.querySelector<HTMLInputElement>("#focus-y");
  const mark = whole.querySelector<SVGElement>(".point");
  const line = mark?.querySelector("path");
  if (!x || !y || !mark || !line) return;
  whole.tabIndex = 0;
  whole.setAttribute("role", "group");
  whole.setAttribute("aria-label", whole.dataset["label"] ?? "");
  const within = (n: number): number => Math.min(100, Math.max(0, Math.round(n)));
  const draw = (): void => {
    const none = x.value === "" || y.value === "";
    mark.classList.toggle("point-none", none);
    line.setAttribute("d", `M ${none ? 50 : within(Number(x.value))} 0 V 100 M 0 ${none ? 50 : within(Number(y.value))} H 100`);
  };
  const set = (across: number, down: number): void => {
    x.value = String(within(across));
    y.value = String(within(down));
    draw();
  };
  whole.addEventListener("click", (e) => {
    const box = whole.getBoundingClientRect();
    set(((e.clientX - box.left) / box.width) * 100, ((e.clientY - box.top) / box.height) * 100);
  });
  whole.addEventListener("keydown", (e) => {
    const step = e.shiftKey ? 10 : 1;
    const moves: Record<string, [number, number]> = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const move = moves[e.key];
    if (!move) return;
    e.preventDefault();
    set(Number(x.value || 50) + move[0], Number(y.value || 50) + move[1]);
  });
  for (const field of [x, y]) field.addEventListener("input", draw);
}
