// The editor of a post, which works without this by its buttons. With it, what networks and rules make of the words comes while somebody
// types, what they typed is kept every few seconds, and nothing is lost when the connection, the session or the browser goes.

const lookAfter = 400; // milliseconds after the last key
const keepAfter = 3000;
const againAfter = 5000; // after a keeping that failed
const mostSent = 15_000_000; // bytes; more than the server reads

type Outcome = "kept" | "away" | "logged out" | "refused";

export function editor(): void {
  const form = document.querySelector<HTMLFormElement>("#editor");
  if (form) new Editor(form).start();
}

class Editor {
  private lookTimer = 0;
  private keepTimer = 0;
  private looking: AbortController | undefined;
  private dirty = false;
  private last: HTMLTextAreaElement | undefined; // where something is put in
  private queue: Promise<unknown> = Promise.resolve(); // one keeping or swapping at a time
  private stored = false; // the words lie in this browser, for after log-in

  constructor(private readonly form: HTMLFormElement) {}

  start(): void {
    this.form.addEventListener("input", (e) => this.typed(e.target));
    this.form.addEventListener("change", (e) => {
      if (e.target instanceof HTMLInputElement && e.target.dataset["again"] !== undefined) void this.swap("look", e.target.id);
    });
    this.form.addEventListener("focusin", (e) => {
      if (e.target instanceof HTMLTextAreaElement && /^(text|own)-/.test(e.target.id)) this.into(e.target);
      // Browsers bring only the caret into sight, which leaves the rest of a field below the doors at the foot of a phone.
      if (e.target instanceof HTMLTextAreaElement) e.target.scrollIntoView({ block: "nearest" });
    });
    this.form.addEventListener("focusout", () => {
      if (this.dirty) this.keepSoon(0);
    });
    this.form.addEventListener("submit", (e) => this.submitted(e));
    window.addEventListener("online", () => this.keepSoon(0));
    window.addEventListener("focus", () => {
      if (this.stored) this.keepSoon(0);
    });
    document.querySelector("#kept")?.addEventListener("click", (e) => {
      if (e.target instanceof HTMLElement && e.target.dataset["over"] !== undefined) void this.keep(true);
    });
    this.focus(this.form.dataset["focus"]);
    this.restore();
  }

  private typed(target: EventTarget | null): void {
    this.dirty = true;
    this.lookSoon(target instanceof HTMLElement ? target.closest("[id^=tongue-]")?.id.slice("tongue-".length) : undefined);
    this.keepSoon(keepAfter);
    if (this.stored) this.store();
  }

  private into(field: HTMLTextAreaElement): void {
    this.last = field;
    const choice = this.form.querySelector<HTMLSelectElement>("#into");
    if (choice) choice.value = field.id;
  }

  private body(extra: Record<string, string> = {}): URLSearchParams {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) if (typeof value === "string") body.append(name, value);
    for (const [name, value] of Object.entries(extra)) body.set(name, value);
    return body;
  }

  private async post(path: string, body: URLSearchParams, signal?: AbortSignal): Promise<Response | undefined> {
    const text = body.toString();
    if (text.length > mostSent) return new Response("", { status: 422 });
    try {
      return await fetch(path, {
        method: "POST",
        body: text,
        headers: { "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", "HX-Request": "true" },
        ...(signal ? { signal } : {}),
      });
    } catch {
      return undefined; // no connection, or not wanted any more
    }
  }

  // What networks and rules make of it.

  private lookSoon(language?: string): void {
    window.clearTimeout(this.lookTimer);
    this.lookTimer = window.setTimeout(() => void this.look(language), lookAfter);
  }

  private async look(language?: string): Promise<void> {
    this.looking?.abort();
    const mine = (this.looking = new AbortController());
    const answer = await this.post(this.path("look"), this.body(), mine.signal);
    if (!answer || mine.signal.aborted) return;
    if (answer.status === 422) return this.say(this.form.dataset["long"]);
    if (!answer.ok) return;
    const html = await answer.text();
    const place = document.querySelector("#look");
    if (!place || mine.signal.aborted || place.contains(document.activeElement)) return;
    replace(place, new DOMParser().parseFromString(html, "text/html").body);
    this.counters(true, language);
  }

  // Counters stand beside the words as well, and are said once after somebody stops typing.
  private counters(say: boolean, language?: string): void {
    for (const from of document.querySelectorAll<HTMLElement>("#look [data-language]")) {
      const code = from.dataset["language"] ?? "";
      const copy = from.cloneNode(true) as HTMLElement;
      for (const one of copy.querySelectorAll("[id]")) one.removeAttribute("id");
      this.form.querySelector(`[data-counters="${CSS.escape(code)}"]`)?.replaceChildren(...copy.childNodes);
      const live = document.querySelector("#counted");
      if (say && live && code === language) live.textContent = `${from.dataset["name"] ?? ""}: ${from.textContent?.trim().replace(/\s+/g, " ") ?? ""}`;
    }
  }

  // Keeping.

  private keepSoon(after: number): void {
    window.clearTimeout(this.keepTimer);
    this.keepTimer = window.setTimeout(() => void this.keep(), after);
  }

  private keep(over = false): Promise<Outcome> {
    const mine = this.queue.then(() => this.keepNow(over));
    this.queue = mine;
    return mine;
  }

  private async keepNow(over: boolean): Promise<Outcome> {
    window.clearTimeout(this.keepTimer);
    this.dirty = false;
    const answer = await this.post(this.path("keep"), this.body(over ? { over: "yes" } : {}));
    if (!answer || answer.status >= 500) {
      this.dirty = true;
      this.say(this.form.dataset[answer ? "failed" : "offline"]);
      this.keepSoon(againAfter);
      return "away";
    }
    if (answer.status === 401) {
      this.dirty = true;
      this.store();
      this.loggedOut();
      return "logged out";
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const told = page.querySelector<HTMLElement>("#kept-answer");
    const others = told?.querySelector("#others-answer");
    others?.remove();
    if (!answer.ok || !told) {
      if (told) this.put("#kept", told);
      else this.say(this.form.dataset["long"]);
      return "refused";
    }
    this.set("copy", told.dataset["copy"]);
    this.set("no", told.dataset["no"]);
    if (location.pathname === "/new/post") history.replaceState(null, "", `/new/post?copy=${told.dataset["copy"] ?? ""}`);
    this.put("#kept", told);
    if (others) this.put("#others", others);
    this.unstore();
    return "kept";
  }

  private set(name: string, value: string | undefined): void {
    const field = this.form.querySelector<HTMLInputElement>(`input[name="${name}"]`);
    if (field && value) field.value = value;
  }

  private say(words: string | undefined): void {
    const place = document.querySelector("#kept");
    if (place && words) place.textContent = words;
  }

  private put(selector: string, from: Element): void {
    document.querySelector(selector)?.replaceChildren(...from.childNodes);
  }

  private loggedOut(): void {
    this.say(this.form.dataset["login"]);
    const link = document.createElement("a");
    link.href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
    link.id = "log-in-again";
    link.textContent = this.form.dataset["loginLink"] ?? "";
    document.querySelector("#kept")?.append(" ", link);
  }

  // Words that outlive a session lie in this window's own store until somebody has logged in, and are given to nobody else.

  private key(): string {
    return `daymark editor ${location.pathname}`;
  }

  private store(): void {
    const words = { person: this.form.dataset["person"], body: this.body().toString() };
    try {
      sessionStorage.setItem(this.key(), JSON.stringify(words));
      this.stored = true;
    } catch {
      // The store is full or closed: the words are still on the page.
    }
  }

  private unstore(): void {
    if (this.stored) sessionStorage.removeItem(this.key());
    this.stored = false;
  }

  private restore(): void {
    const words = sessionStorage.getItem(this.key());
    if (!words) return;
    const { person, body } = JSON.parse(words) as { person?: string; body: string };
    if (person !== this.form.dataset["person"]) return;
    this.stored = true;
    const typed = new URLSearchParams(body);
    for (const name of ["copy", "no"]) typed.set(name, this.form.querySelector<HTMLInputElement>(`input[name="${name}"]`)?.value ?? "0");
    void this.swap("look", undefined, typed).then(async () => {
      if ((await this.keep()) === "kept") document.querySelector("#kept")?.append(` ${this.form.dataset["back"] ?? ""}`);
    });
  }

  // Buttons.

  private submitted(e: SubmitEvent): void {
    const button = e.submitter instanceof HTMLButtonElement ? e.submitter : undefined;
    const what = button?.value ?? "look";
    if (what === "drop") {
      this.stored = true;
      this.unstore();
      return;
    }
    if (what.startsWith("upload:")) return; // the browser sends the file with the form
    e.preventDefault();
    if (what === "save" || what === "send" || what.startsWith("send:")) {
      void this.leave(what);
    } else if (what.startsWith("insert:") && this.last?.isConnected) {
      this.last.focus();
      this.last.setRangeText(what.slice("insert:".length), this.last.selectionStart, this.last.selectionEnd, "end");
      this.last.dispatchEvent(new Event("input", { bubbles: true }));
    } else {
      void this.swap(what, button?.id);
    }
  }

  // What was typed is kept before the page is left, so that a dead session or connection is noticed first.
  private async leave(what: string): Promise<void> {
    if ((await this.keep()) !== "kept") return;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "do";
    field.value = what;
    this.form.append(field);
    this.form.submit();
  }

  // A button that changes the form itself: the server answers with the page, and the form is taken out of it.
  private swap(what: string, id?: string, typed?: URLSearchParams): Promise<void> {
    const mine = this.queue.then(() => this.swapNow(what, id, typed));
    this.queue = mine;
    return mine;
  }

  private async swapNow(what: string, id: string | undefined, typed: URLSearchParams | undefined): Promise<void> {
    const body = typed ?? this.body();
    body.set("do", what);
    const answer = await this.post(this.path(""), body);
    if (!answer) return this.say(this.form.dataset["offline"]);
    if (answer.status === 401) {
      this.store();
      return this.loggedOut();
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const form = page.querySelector<HTMLFormElement>("#editor");
    const seen = page.querySelector("#look");
    if (!form) return this.say(this.form.dataset["long"]);
    const said = document.querySelector("#kept")?.textContent ?? "";
    replace(this.form, form);
    this.say(said);
    const place = document.querySelector("#look");
    if (place && seen) replace(place, seen);
    this.counters(false);
    this.last = undefined;
    this.focus(form.dataset["focus"] || id);
    this.dirty = true;
    this.keepSoon(keepAfter);
  }

  private focus(id: string | undefined): void {
    if (!id) return;
    const field = document.getElementById(id);
    const fold = field?.closest("details");
    if (fold) fold.open = true;
    field?.focus();
  }

  private path(part: string): string {
    const path = new URL(this.form.action).pathname;
    return part ? `${path}/${part}` : path;
  }
}

// replace puts new content in place of old; what was folded open stays open.
function replace(place: Element, by: Element): void {
  const folds = new Map([...place.querySelectorAll<HTMLDetailsElement>("details[id]")].map((d) => [d.id, d.open]));
  place.replaceChildren(...by.childNodes);
  for (const fold of place.querySelectorAll<HTMLDetailsElement>("details[id]")) {
    if (folds.get(fold.id)) fold.open = true;
  }
}
