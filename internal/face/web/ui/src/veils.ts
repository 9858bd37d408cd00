// Pictures of posts marked sensitive are veiled until somebody asks for them. Without script the page shows a plain
// "Show the picture" fold instead, which is the same element; the script only remembers an opened fold while a list renews.

export function veils(): void {
  const opened = new Set<string>();
  document.addEventListener(
    "toggle",
    (e) => {
      if (!(e.target instanceof HTMLDetailsElement) || e.target.id === "") return;
      if (e.target.open) opened.add(e.target.id);
      else opened.delete(e.target.id);
    },
    true,
  );
  document.addEventListener("htmx:after:swap", () => {
    for (const id of opened) {
      const fold = document.getElementById(id);
      if (fold instanceof HTMLDetailsElement) fold.open = true;
    }
  });
}
