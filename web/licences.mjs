// The licences of everything that is bundled, in full.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const FONT = "vazirmatn";

/**
 * @param here the folder with node_modules.
 * @param inputs files that esbuild bundled.
 */
export function licences(here, inputs) {
  const names = inputs.map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter(Boolean);
  const packages = [...new Set([...names, FONT])].sort();
  const texts = packages.map((name) => {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const files = filesIn(folder).filter((file) => /^(licen[cs]e|notice|ofl)/i.test(file));
    const own = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
    if (!files.some((file) => /^(licen[cs]e|ofl)/i.test(file)))
      throw new Error(`${name}: no text of its licence was found`);
    const further = join(folder, "licenses"); // of code that the package holds itself
    const held = existsSync(further)
      ? filesIn(further).map((file) => readFileSync(join(further, file), "utf8").trim())
      : [];
    return [`${name} ${version} (${license})`, ...own, ...held].join("\n\n");
  });
  const line = "=".repeat(100);
  return `What page.js, page.css and Vazirmatn.woff2 are made of, beside our own code.\n\n${texts.map((text) => `${line}\n${text}\n`).join("\n")}`;
}

function filesIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();
}
