// Curves of an outcome over the weeks: of the difference with its band, or of baseline and policy.
import type { CustomSeriesOption } from "echarts/charts";
import type { Claim, Curve, Finding, Meta, Outcome } from "../contract";
import { meta } from "../state";
import { number, plain, t, word } from "../text";
import type { Option } from "./echarts";
import { AXIS_TEXT, BLUE, FONT, GREY, INK, PALE, PURPLE, TOOLTIP, decimalsFor, shown, tip } from "./look";

const YEAR = 52; // weeks
const CLOSE = 14; // px: numbers nearer than this stand to either side of their lines

/** The date of a week without its day, in two lines. */
function monthOf(week: number): string {
  const date = meta.dates[week];
  return date ? t(date).split(" ").slice(1).map(plain).join("\n") : "";
}

function frame(
  series: string,
  narrow: boolean,
  write: (value: number) => string,
  lines: (at: number) => string[],
): Option {
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
      axisLabel: { ...AXIS_TEXT, formatter: (value: number) => plain(write(value)) },
      splitLine: { lineStyle: { color: PALE } },
    },
    tooltip: {
      ...TOOLTIP,
      trigger: "axis",
      formatter: (points: unknown) => {
        const point = (points as { seriesId: string; dataIndex: number }[]).find(({ seriesId }) => seriesId === series);
        return point ? tip(lines(point.dataIndex).map(plain)) : "";
      },
    },
  };
}

function dateLine(week: number): string {
  const date = meta.dates[week];
  return word("week.dated", { week, date: date ?? { en: "", fa: "" } });
}

export function differenceOption(
  curve: Curve,
  finding: Finding | undefined,
  outcome: Outcome,
  added: number[],
  narrow: boolean,
): Option {
  const end = (ends: (number | null)[]) =>
    curve.weeks.flatMap((week, at) => (ends[at] == null ? [] : [[week, ends[at]]]));
  const outline = [...end(curve.high), ...end(curve.low).toReversed()];
  const least = finding?.least ?? 0;
  const decimals = differenceDecimals(curve, outcome);
  const axisDecimals = Math.min(decimals, decimalsFor(least, outcome)); // the axis reaches to the least difference
  const write = (value: number | null | undefined) => shown(value, outcome, decimals, true);
  const option = frame("difference", narrow, write, (at) => {
    const [low, high] = [write(curve.low[at]), write(curve.high[at])];
    return [
      dateLine(curve.weeks[at] ?? 0),
      `${word("chart.difference")}: ${write(curve.difference[at])} ${t(outcome.unit)}`,
      ...(curve.low[at] == null ? [] : [word("chart.interval", { low, high })]),
    ];
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
      formatter: (value: number) => plain(shown(value, outcome, axisDecimals, true)),
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
      events(added),
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

export function levelsOption(
  curve: Curve,
  outcome: Outcome,
  claims: Claim[],
  added: number[],
  narrow: boolean,
): Option {
  const decimals = levelDecimals(curve, outcome);
  const write = (value: number | undefined) => shown(value, outcome, decimals);
  const option = frame("policy", narrow, write, (at) => [
    dateLine(curve.weeks[at] ?? 0),
    `${word("chart.policy")}: ${write(curve.policy[at])}`,
    `${word("chart.base")}: ${write(curve.base[at])}`,
  ]);
  return {
    ...option,
    series: [
      phases(),
      events(added),
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

/** Numbered marks of the weeks in which something begins in the city's own programme; the legend says what. */
function phases(): CustomSeriesOption {
  const weeks = phasesInOrder().map(({ start }) => start);
  return marks("phases", weeks, (at) => number(at + 1), GREY, false);
}

/** Marks with letters, inside, of the weeks in which something happens under this policy only. */
function events(weeks: number[]): CustomSeriesOption {
  return marks("events", weeks, letterOf, PURPLE, true);
}

/** The letter of something that was added to a policy; a number after the last letter. */
export function letterOf(at: number): string {
  return word("events.letters").split(" ")[at] ?? number(at + 1);
}

function marks(
  id: string,
  weeks: number[],
  name: (at: number) => string,
  colour: string,
  inside: boolean,
): CustomSeriesOption {
  return {
    type: "custom",
    id,
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
      const style = { text: plain(name(params.dataIndex)), x: inside ? x + 4 : x, y: inside ? y + 13 : y - 3 };
      return {
        type: "group",
        children: [
          { type: "line", shape, style: { stroke: colour, lineWidth: 1, lineDash: inside ? [5, 2] : [2, 3] } },
          {
            type: "text",
            style: {
              ...style,
              align: inside ? "left" : align,
              verticalAlign: "bottom",
              fill: inside ? PURPLE : INK,
              font: `11px ${FONT}`,
            },
          },
        ],
      };
    },
  };
}

/** Where something begins on the way, first things first; the beginning of the run itself is none. */
export function phasesInOrder(): Meta["phases"] {
  return meta.phases.filter(({ start }) => start > 0 && start < meta.weeks).toSorted((a, b) => a.start - b.start);
}

function differenceDecimals({ difference, low, high }: Curve, outcome: Outcome): number {
  return decimalsFor(Math.max(...[...difference, ...low, ...high].map((value) => Math.abs(value ?? 0))), outcome);
}

/** By their spread: levels that lie close together need more decimals to be told apart. */
function levelDecimals({ base, policy }: Curve, outcome: Outcome): number {
  const levels = [...base, ...policy];
  return decimalsFor(Math.max(...levels) - Math.min(...levels), outcome);
}

/** The numbers behind a curve. */
export function curveTable(curve: Curve, outcome: Outcome) {
  const [levels, differences] = [levelDecimals(curve, outcome), differenceDecimals(curve, outcome)];
  return {
    columns: [
      word("table.week"),
      word("table.date"),
      word("chart.base"),
      word("chart.policy"),
      `${word("table.difference")} (${t(outcome.unit)})`,
      word("table.low"),
      word("table.high"),
    ],
    rows: curve.weeks.map((week, at) => [
      number(week),
      t(meta.dates[week] ?? { en: "", fa: "" }),
      ...[curve.base, curve.policy].map((values) => shown(values[at], outcome, levels)),
      ...[curve.difference, curve.low, curve.high].map((values) => shown(values[at], outcome, differences, true)),
    ]),
  };
}
