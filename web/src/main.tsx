// The page begins here: find the source, then draw.
import { effect } from "@preact/signals";
import { render } from "preact";
import { startAnswering } from "./answering";
import { Embedded } from "./embedded";
import { followLink, keepAddress } from "./link";
import { Page } from "./parts/Page";
import { Server } from "./server";
import { meta, open, redo, undo } from "./state";
import { lang, setWords, t } from "./text";

// Of the address; an exported file says with which language it opens.
const LANGUAGE_OF_ADDRESS =
  new URLSearchParams(location.search).get("lang") ?? document.documentElement.dataset.lang ?? null;

// The only words that no source gives: there is none.
const NO_SOURCE = {
  en: "The server does not answer. Start it again, then reload this page.",
  fa: "سرور پاسخ نمی‌دهد. آن را دوباره راه‌اندازی و سپس این صفحه را تازه کنید.",
};

async function start(): Promise<void> {
  const root = document.getElementById("page");
  if (!root) return;
  lang.value =
    LANGUAGE_OF_ADDRESS === "fa" || (LANGUAGE_OF_ADDRESS !== "en" && navigator.language.startsWith("fa")) ? "fa" : "en";
  let source: Server | Embedded;
  try {
    source = (await Embedded.open()) ?? (await Server.open());
  } catch (fault) {
    console.error(fault);
    root.textContent = `${NO_SOURCE.en} ${NO_SOURCE.fa}`;
    return;
  }
  setWords(source.meta.words);
  open(source, followLink(source.meta));
  effect(() => {
    document.documentElement.lang = lang.value;
    document.documentElement.dir = lang.value === "fa" ? "rtl" : "ltr";
    document.title = `Mahalle – ${t(meta.city.title)}`;
  });
  keepAddress();
  startAnswering();
  addEventListener("keydown", onKey);
  addEventListener("beforeprint", unfold);
  // Charts measure their labels: the font has to be there first. A page without it is drawn all the same.
  await Promise.race([
    document.fonts.load("1rem Vazirmatn", "a۱"),
    new Promise((resolve) => setTimeout(resolve, 1500)),
  ]);
  render(<Page />, root);
}

/** On paper nothing can be unfolded. */
function unfold(): void {
  for (const one of document.querySelectorAll<HTMLDetailsElement>("main .main details")) one.open = true;
}

/** Ctrl+Z and Ctrl+Shift+Z, except where they undo what is typed. */
function onKey(event: KeyboardEvent): void {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  const target = event.target as HTMLElement;
  if (target.matches("input[type=text], input[type=number], textarea")) return;
  event.preventDefault();
  if (event.shiftKey) redo();
  else undo();
}

void start();
