// Colours and shapes of all charts: those of the figures (Okabe and Ito 2008). No meaning stands on colour alone.
import type { Difference, Outcome } from "../contract";
import { number } from "../text";

export const BLUE = "#0072B2";
export const VERMILION = "#D55E00";
export const PURPLE = "#8C4A79";
export const OCHRE = "#A87400";
export const INK = "#222222";
export const GREY = "#6B6B6B";
export const PALE = "#ECECEA";
export const FONT = "Vazirmatn, sans-serif";

/** Text of axes; the size is the same on all screens. */
export const AXIS_TEXT = { color: INK, fontFamily: FONT, fontSize: 12 };

/** How a difference is drawn: filled where the model can tell, hollow where it may be, a square for little or unknown. */
export function markOf(verdict: Difference["verdict"]): { symbol: string; colour: string; filled: boolean } {
  if (verdict.endsWith("better")) return { symbol: "circle", colour: BLUE, filled: verdict === "better" };
  if (verdict.endsWith("worse")) return { symbol: "diamond", colour: VERMILION, filled: verdict === "worse" };
  return { symbol: "rect", colour: verdict === "changed" ? PURPLE : GREY, filled: verdict === "changed" };
}

/** A colour between white and another; share 0 to 1. */
export function tint(colour: string, share: number): string {
  const part = (at: number) => {
    const full = parseInt(colour.slice(at, at + 2), 16);
    return Math.round(255 + (full - 255) * Math.min(1, Math.max(0, share)))
      .toString(16)
      .padStart(2, "0");
  };
  return `#${part(1)}${part(3)}${part(5)}`;
}

/** Colours of a rise and of a fall: gain and loss where one end is better, two others where none is. */
export function coloursOf(outcome: Outcome): { rise: string; fall: string } {
  if (outcome.better === null) return { rise: PURPLE, fall: OCHRE };
  return outcome.better === "highest" ? { rise: BLUE, fall: VERMILION } : { rise: VERMILION, fall: BLUE };
}

/** Decimals that tell values of this size apart: two significant figures, at most two decimals, none from 10 on. */
export function decimalsFor(size: number, outcome: Outcome): number {
  const scaled = Math.abs(size * outcome.factor);
  return scaled > 0 && Number.isFinite(scaled) ? Math.min(2, Math.max(0, 1 - Math.floor(Math.log10(scaled)))) : 1;
}

/** A value as the outcome is shown, for axes, tooltips and tables; findings come with their own words. */
export function shown(value: number | null | undefined, outcome: Outcome, decimals: number, signed = false): string {
  return value == null || Number.isNaN(value) ? "–" : number(value * outcome.factor, decimals, signed);
}

/** What ECharts shows beside the pointer: elements, never text that would be read as HTML. */
export function tip(lines: string[]): HTMLElement {
  const box = document.createElement("div");
  box.className = "tip";
  for (const line of lines) box.appendChild(document.createElement("div")).textContent = line;
  return box;
}

export const TOOLTIP = {
  confine: true,
  transitionDuration: 0,
  borderColor: GREY,
  borderWidth: 1,
  padding: [6, 9],
  extraCssText: "box-shadow: none; border-radius: 4px; direction: inherit;",
  textStyle: { color: INK, fontFamily: FONT, fontSize: 13 },
};
