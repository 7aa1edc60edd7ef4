// Builds the page into a folder: node build.mjs [folder]. The same sources give the same bytes.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { licences } from "./licences.mjs";
import { readWords, unusedKeys, writeKeys } from "./words.mjs";

const LIMIT = 300 * 1024; // bytes of the page without the font, compressed by gzip
const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.argv[2] ?? join(here, "../experiments/page/static"));

const words = readWords();
writeKeys(words);
const sources = readdirSync(join(here, "src"), { recursive: true }).filter((name) => /\.tsx?$/.test(name));
const unused = unusedKeys(
  words,
  sources.map((name) => join(here, "src", name)),
);
if (unused.length) throw new Error(`words.yaml: no source file uses ${unused.join(", ")}`);

mkdirSync(target, { recursive: true });
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: [
    { in: "src/main.tsx", out: "page" },
    { in: "src/style/page.css", out: "page" },
  ],
  outdir: target,
  bundle: true,
  minify: true,
  metafile: true,
  legalComments: "none", // licences stand in LICENCES.txt
  charset: "utf8",
  format: "iife",
  target: ["es2023", "chrome115", "firefox115", "safari17"],
  external: ["*.woff2"],
  define: { "process.env.NODE_ENV": '"production"' },
  logLevel: "warning",
});
copyFileSync(join(here, "src/index.html"), join(target, "index.html"));
copyFileSync(
  join(here, "node_modules/vazirmatn/fonts/webfonts/Vazirmatn[wght].woff2"),
  join(target, "Vazirmatn.woff2"),
);
writeFileSync(join(target, "LICENCES.txt"), licences(here, Object.keys(metafile.inputs)));

let total = 0;
for (const name of ["index.html", "page.css", "page.js"]) {
  const size = gzipSync(readFileSync(join(target, name)), { level: 9 }).length;
  total += size;
  console.log(
    `${name.padEnd(12)} ${String(size).padStart(8)} bytes compressed, ${statSync(join(target, name)).size} as they are`,
  );
}
console.log(`without font ${String(total).padStart(8)} bytes compressed; allowed are ${LIMIT}`);
if (total > LIMIT) throw new Error(`the page is ${total - LIMIT} bytes too large`);
