// A day that is watched renews itself. What came since is said in one live region outside of the part that is renewed, so that somebody who
// listens hears "Sent: One fact, to 6 of 6" and not the whole page again. The server writes the sentences; each stands with its line.

export function day(): void {
  const region = document.getElementById("day-said");
  if (!region || !document.querySelector("[data-watch]")) return;
  let said = sentences();
  document.addEventListener("htmx:after:swap", () => {
    const now = sentences();
    const fresh: string[] = [];
    for (const [line, sentence] of now) {
      if (said.get(line) !== sentence) fresh.push(sentence);
    }
    said = now;
    if (fresh.length > 0) region.textContent = fresh.join(" · ");
  });
}

function sentences(): Map<string, string> {
  const all = new Map<string, string>();
  for (const line of document.querySelectorAll<HTMLElement>("[data-watch] [data-said]")) all.set(line.id, line.dataset["said"] ?? "");
  return all;
}
