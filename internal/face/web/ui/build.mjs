// Builds the pages' script, style and icons into ../built, each under a name that carries a hash of its content, and a
// manifest that tells the daemon those names. The daemon embeds the folder; git ignores everything in it but .keep.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "..", "built");
const icons = path.join(here, "node_modules", "lucide-static", "icons");

// The budget of a page: compressed bytes of all script, and of all style.
const scriptBudget = 40 * 1024;
const styleBudget = 40 * 1024;

// bundle returns the text of one built entry point.
async function bundle(entry) {
  const result = await build({
    entryPoints: [path.join(here, "src", entry)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["es2022", "chrome111", "firefox113", "safari16.4"],
    legalComments: "none",
    logLevel: "warning",
  });
  return result.outputFiles[0].text;
}

// sprite returns one SVG with a symbol for each icon that src/icons.json names.
async function sprite() {
  const names = JSON.parse(await readFile(path.join(here, "src", "icons.json"), "utf8"));
  const symbols = [];
  for (const name of names) {
    const svg = await readFile(path.join(icons, `${name}.svg`), "utf8");
    const inner = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/<\/?svg[^>]*>/g, "").replace(/\s+/g, " ").trim();
    symbols.push(
      `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
        `stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`,
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

function hashed(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const { name: stem, ext } = path.parse(name);
  return `${stem}-${hash}${ext}`;
}

function within(what, content, budget) {
  const size = gzipSync(content, { level: 9 }).length;
  if (size > budget) throw new Error(`${what} is ${size} bytes compressed, over its budget of ${budget}`);
  console.log(`${what}: ${size} bytes compressed`);
}

const files = {
  "app.js": await bundle("app.ts"),
  "app.css": await bundle("app.css"),
  "icons.svg": await sprite(),
};
within("script", files["app.js"], scriptBudget);
within("style", files["app.css"], styleBudget);

await mkdir(out, { recursive: true });
for (const old of await readdir(out)) {
  if (old !== ".keep") await rm(path.join(out, old), { recursive: true });
}
const manifest = {};
for (const [name, content] of Object.entries(files)) {
  manifest[name] = hashed(name, content);
  await writeFile(path.join(out, manifest[name]), content);
}
await writeFile(path.join(out, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
