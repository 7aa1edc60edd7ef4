// Curves of an outcome over the weeks: of the difference with its band, or of baseline and policy.
import type { CustomSeriesOption } from "echarts/charts";
import type { Claim, Curve, Finding, Meta, Outcome } from "../contract";
import { meta } from "../state";
import { number, plain, t, word } from "../text";
import type { Option } from "./echarts";
import { AXIS_TEXT, BLUE, FONT, GREY, INK, PALE, TOOLTIP, shown, tip } from "./look";

const YEAR = 52; // weeks
const CLOSE = 14; // px: numbers nearer than this stand to either side of their lines

/** The date of a week without its day, in two lines. */
function monthOf(week: number): string {
  const date = meta.dates[week];
  return date ? t(date).split(" ").slice(1).map(plain).join("\n") : "";
}

function frame(outcome: Outcome, signed: boolean, narrow: boolean, lines: (at: number) => string[]): Option {
  return {
    textStyle: { fontFamily: FONT },
    grid: { left: 8, right: 30, top: 20, bottom: 8, containLabel: true },
    xAxis: {
      type: "value",
      min: 0,
      max: meta.weeks,
      interval: narrow ? 2 * YEAR : YEAR,
      axisLabel: { ...AXIS_TEXT, lineHeight: 16, formatter: monthOf, showMaxLabel: true },
      splitLine: { show: false },
      axisLine: { onZero: false, lineStyle: { color: GREY } },
    },
    yAxis: {
      type: "value",
      scale: true,
      splitNumber: 4,
      axisLabel: { ...AXIS_TEXT, formatter: (value: number) => shown(value, outcome, signed) },
      splitLine: { lineStyle: { color: PALE } },
    },
    tooltip: {
      ...TOOLTIP,
      trigger: "axis",
      formatter: (points: unknown) => {
        const [first] = points as { dataIndex: number }[];
        return first ? tip(lines(first.dataIndex)) : "";
      },
    },
  };
}

function dateLine(week: number): string {
  const date = meta.dates[week];
  return plain(word("week.dated", { week, date: date ?? { en: "", fa: "" } }));
}

export function differenceOption(
  curve: Curve,
  finding: Finding | undefined,
  outcome: Outcome,
  narrow: boolean,
): Option {
  const end = (ends: (number | null)[]) =>
    curve.weeks.flatMap((week, at) => (ends[at] == null ? [] : [[week, ends[at]]]));
  const outline = [...end(curve.high), ...end(curve.low).toReversed()];
  const least = finding?.least ?? 0;
  const option = frame(outcome, true, narrow, (at) => {
    const week = curve.weeks[at] ?? 0;
    const difference = shown(curve.difference[at] ?? 0, outcome, true);
    const [low, high] = [curve.low[at], curve.high[at]];
    const lines = [dateLine(week), `${plain(word("chart.difference"))}: ${difference} ${plain(t(outcome.unit))}`];
    if (low != null && high != null) {
      lines.push(plain(word("chart.interval", { low: shown(low, outcome, true), high: shown(high, outcome, true) })));
    }
    return lines;
  });
  // Wide enough for the least difference, so that noise is not blown up to look like an effect.
  const yAxis = {
    type: "value" as const,
    splitNumber: 4,
    splitLine: { lineStyle: { color: PALE } },
    min: ({ min }: { min: number }) => Math.min(min, -1.2 * least),
    max: ({ max }: { max: number }) => Math.max(max, 1.2 * least),
    axisLabel: {
      ...AXIS_TEXT,
      showMinLabel: false, // ends of the data are no round numbers
      showMaxLabel: false,
      formatter: (value: number) => shown(value, outcome, true),
    },
  };
  return {
    ...option,
    yAxis,
    series: [
      polygon(
        "least",
        [
          [0, least],
          [meta.weeks, least],
          [meta.weeks, -least],
          [0, -least],
        ],
        PALE,
      ),
      polygon("band", outline, "rgba(0, 114, 178, 0.22)"),
      phases(),
      line(
        "zero",
        [
          [0, 0],
          [meta.weeks, 0],
        ],
        GREY,
        "solid",
        1,
      ),
      line("difference", pairs(curve.weeks, curve.difference), BLUE, "solid", 2.2),
    ],
  };
}

export function levelsOption(curve: Curve, outcome: Outcome, claims: Claim[], narrow: boolean): Option {
  const option = frame(outcome, false, narrow, (at) => [
    dateLine(curve.weeks[at] ?? 0),
    `${plain(word("chart.policy"))}: ${shown(curve.policy[at] ?? 0, outcome)}`,
    `${plain(word("chart.base"))}: ${shown(curve.base[at] ?? 0, outcome)}`,
  ]);
  return {
    ...option,
    series: [
      phases(),
      line("base", pairs(curve.weeks, curve.base), INK, "dashed", 1.8),
      line("policy", pairs(curve.weeks, curve.policy), BLUE, "solid", 2.2),
      {
        type: "scatter",
        name: "claims",
        silent: true,
        symbol: "triangle",
        symbolSize: 11,
        itemStyle: { color: "#fff", borderColor: INK, borderWidth: 1.5 },
        data: claims.map((claim) => [claim.week, claim.claimed]),
      },
    ],
  };
}

function pairs(weeks: number[], values: number[]): [number, number][] {
  return weeks.map((week, at) => [week, values[at] ?? 0]);
}

function line(name: string, data: number[][], color: string, type: "solid" | "dashed", width: number) {
  const silent = name === "zero";
  return {
    type: "line" as const,
    id: name,
    name,
    data,
    silent,
    showSymbol: data.length < 2,
    symbolSize: 6,
    lineStyle: { color, type, width },
    itemStyle: { color },
    ...(silent ? { tooltip: { show: false } } : {}),
  };
}

/** A filled outline in the coordinates of the axes. */
function polygon(name: string, outline: number[][], fill: string): CustomSeriesOption {
  return {
    type: "custom",
    id: name,
    name,
    silent: true,
    clip: true,
    tooltip: { show: false },
    data: outline,
    renderItem: (params, api) =>
      params.dataIndexInside === 0
        ? { type: "polygon", shape: { points: outline.map((point) => api.coord(point)) }, style: { fill } }
        : undefined,
  };
}

/** Numbered marks of the weeks in which something begins; the legend says what. */
function phases(): CustomSeriesOption {
  const weeks = phasesInOrder().map(({ start }) => start);
  return {
    type: "custom",
    id: "phases",
    silent: true,
    tooltip: { show: false },
    data: weeks.map((week) => [week]),
    encode: { x: 0, y: [] }, // or the axis of values would reach down to 0
    renderItem: (params, api) => {
      const [x = 0] = api.coord([api.value(0), 0]);
      const { y, height } = params.coordSys as unknown as { y: number; height: number };
      const shape = { x1: x, x2: x, y1: y, y2: y + height };
      const gap = (other: number | undefined) =>
        other === undefined ? Infinity : Math.abs((api.coord([other, 0])[0] ?? 0) - x);
      const [before, after] = [gap(weeks[params.dataIndex - 1]), gap(weeks[params.dataIndex + 1])];
      const align = after < CLOSE ? ("right" as const) : before < CLOSE ? ("left" as const) : ("center" as const);
      const style = { text: plain(number(params.dataIndex + 1)), x, y: y - 3, align };
      return {
        type: "group",
        children: [
          { type: "line", shape, style: { stroke: GREY, lineWidth: 1, lineDash: [2, 3] } },
          { type: "text", style: { ...style, verticalAlign: "bottom", fill: INK, font: `11px ${FONT}` } },
        ],
      };
    },
  };
}

/** Where something begins on the way, first things first; the beginning of the run itself is none. */
export function phasesInOrder(): Meta["phases"] {
  return meta.phases.filter(({ start }) => start > 0 && start < meta.weeks).toSorted((a, b) => a.start - b.start);
}

/** The numbers behind a curve, as shown, one row a year and one for the last week. */
export function curveTable(curve: Curve, outcome: Outcome) {
  const value = (one: number | null | undefined, signed: boolean) => {
    if (one == null) return "–";
    const scaled = one * outcome.factor;
    return number(scaled, outcome.factor === 1 && Math.abs(scaled) >= 100 ? 0 : 1, signed);
  };
  const unit = t(outcome.unit);
  return {
    columns: [
      word("table.week"),
      word("table.date"),
      word("chart.base"),
      word("chart.policy"),
      `${word("table.difference")} (${unit})`,
      word("table.low"),
      word("table.high"),
    ],
    rows: curve.weeks.map((week, at) => [
      number(week),
      t(meta.dates[week] ?? { en: "", fa: "" }),
      value(curve.base[at], false),
      value(curve.policy[at], false),
      value(curve.difference[at], true),
      value(curve.low[at], true),
      value(curve.high[at], true),
    ]),
  };
}
