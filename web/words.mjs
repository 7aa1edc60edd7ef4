// Reads experiments/page/words.yaml, checks it, and writes the union of its keys for the type checker (generated/words.ts).
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const here = dirname(fileURLToPath(import.meta.url));

const placeholders = (text) =>
  [...text.matchAll(/\{(\w+)\}/g)]
    .map((match) => match[1])
    .sort()
    .join(" ");

/** The words by key; the server reads the same file. */
export function readWords() {
  const words = parse(readFileSync(join(here, "../experiments/page/words.yaml"), "utf8"));
  for (const [key, text] of Object.entries(words)) {
    const languages = Object.keys(text).sort().join(" ");
    if (languages !== "en fa") throw new Error(`words.yaml: ${key}: has "${languages}"; allowed: en and fa, both`);
    if (placeholders(text.en) !== placeholders(text.fa)) {
      throw new Error(`words.yaml: ${key}: English has {${placeholders(text.en)}}, Persian {${placeholders(text.fa)}}`);
    }
  }
  return words;
}

export function writeKeys(words) {
  const folder = join(here, "generated");
  const keys = Object.keys(words).map((key) => `  | ${JSON.stringify(key)}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    `${folder}/words.ts`,
    `// Written by words.mjs from words.yaml.\nexport type WordKey =\n${keys.join("\n")};\n`,
  );
}

/** Keys that no source file mentions: a word that nobody sees is not kept. */
export function unusedKeys(words, sources) {
  const text = sources.map((file) => readFileSync(file, "utf8")).join("\n");
  return Object.keys(words).filter((key) => !text.includes(`"${key}"`));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeKeys(readWords());
