// Builds the files that browsers are sent: web/static/build/<name>-<hash>.<ext>, each beside its
// gzip, and manifest.json, which says what a plain name is called now.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "static", "build");
const modules = join(here, "..", "..", "node_modules");

const style = (name) => compile(join(here, name), { loadPaths: [modules], style: "compressed", quietDeps: true }).css;
const files = {
  "s2f.css": style("s2f.scss"),
  "s2f.js": readFileSync(join(here, "s2f.js"), "utf8"),
  "staff.css": style("staff.scss"),
  "staff.js": readFileSync(join(here, "staff.js"), "utf8"),
  "icon.svg": readFileSync(join(here, "icon.svg"), "utf8"),
};

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const manifest = {};
for (const [name, text] of Object.entries(files)) {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const hashed = name.replace(".", `-${hash}.`);
  const zipped = gzipSync(text, { level: 9 });
  writeFileSync(join(target, hashed), text);
  writeFileSync(join(target, `${hashed}.gz`), zipped);
  manifest[name] = hashed;
  console.log(`${hashed}: ${text.length} bytes, ${zipped.length} gzipped`);
}
writeFileSync(join(target, "manifest.json"), JSON.stringify(manifest, null, 1) + "\n");
