// Languages: which one is shown, the words of the page, digits, and signs that keep their side in right-to-left text.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { WordKey } from "../generated/words";
import type { Lang, Text } from "./contract";

export const LANGUAGES: readonly Lang[] = ["en", "fa"];

export const lang = signal<Lang>("en");

let words: Record<string, Text> = {};

/** Take the words of the page from what the source gives. */
export function setWords(given: Record<string, Text>): void {
  words = given;
}

/** A text in the language shown. */
export function t(text: Text): string {
  return text[lang.value];
}

/** Both languages of a word; numbers among the values take each language's digits. */
export function wordText(key: WordKey, values: Record<string, string | number | Text> = {}): Text {
  const fill = (of: Lang) =>
    (words[key]?.[of] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) return "";
      if (typeof value === "object") return value[of];
      return typeof value === "number" ? digits(String(value), of) : value;
    });
  return { en: fill("en"), fa: fill("fa") };
}

/** A word of the page in the language shown. */
export function word(key: WordKey, values: Record<string, string | number | Text> = {}): string {
  return t(wordText(key, values));
}

/** Digits, points and signs as a language writes them. */
export function digits(text: string, of: Lang = lang.value): string {
  if (of === "en") return text.replace(/-/g, "−");
  return text.replace(
    /[0-9.,%-]/g,
    (c) => "۰۱۲۳۴۵۶۷۸۹"[Number(c)] ?? { ".": "٫", ",": "٬", "%": "٪", "-": "−" }[c] ?? c,
  );
}

/** A number to so many decimals, in the language's digits. */
export function number(value: number, decimals = 0, signed = false): string {
  const text = value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const zero = Number(text.replace(/,/g, "")) === 0;
  return digits((signed && value > 0 && !zero ? "+" : "") + (zero ? text.replace("-", "") : text));
}

// What keeps its own direction: a number with its sign, and in Persian a run of Latin text with what it holds.
const SIGNED = "[+\\-−±][0-9۰-۹][0-9۰-۹.,٫٬]*";
const LATIN = "[A-Za-z](?:[A-Za-z0-9\\s.,:;/?=&()%'’–-]*[A-Za-z0-9)])?";
const OWN_DIRECTION = { en: new RegExp(`(${SIGNED})`), fa: new RegExp(`(${SIGNED}|${LATIN})`) };

// The Persian percent sign stands left of its number, whatever stands before; alone it would go right.
const PERCENT = "\u200f٪\u200f";

/** A text in parts; every second one has its own direction. */
function inParts(text: string): string[] {
  const parts = text.replace(/٪/g, PERCENT).split(OWN_DIRECTION[lang.value]);
  for (let at = 1; at < parts.length; at += 2) {
    const part = parts[at] ?? "";
    if (part.endsWith(")") && part.split(")").length > part.split("(").length) {
      parts[at] = part.slice(0, -1); // the bracket belongs to the sentence around
      parts[at + 1] = `)${parts[at + 1] ?? ""}`;
    }
  }
  return parts;
}

/** A text for HTML: without its own element, a sign would go to the other side of its number in Persian. */
export function rich(text: string): ComponentChildren {
  const parts = inParts(text);
  return parts.length === 1 ? parts[0] : parts.map((part, i) => (i % 2 ? <bdi dir="ltr">{part}</bdi> : part));
}

/** The same for text that cannot hold elements: labels in charts, attributes. */
export function plain(text: string): string {
  const isolated = inParts(text)
    .map((part, i) => (i % 2 ? `\u2066${part}\u2069` : part))
    .join("");
  return lang.value === "fa" ? `\u2067${isolated}\u2069` : isolated;
}

/** A text of the source in the language shown, for HTML. */
export function Say({ text }: { text: Text }) {
  return <>{rich(t(text))}</>;
}

/** A word of the page, for HTML. */
export function Word({ of, with: values }: { of: WordKey; with?: Record<string, string | number | Text> }) {
  return <>{rich(word(of, values))}</>;
}
