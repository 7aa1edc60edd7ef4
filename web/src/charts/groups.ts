// Differences by group: a mark and an interval each, all on one scale, with the least difference that matters.
import type { Finding, GroupFinding, Outcome } from "../contract";
import { plain, t, word } from "../text";
import type { Option } from "./echarts";
import { AXIS_TEXT, FONT, INK, PALE, TOOLTIP, decimalsFor, markOf, shown, tip } from "./look";

const ROW = 27; // px
const LETTER = 7; // px, on average
const LINE = 13; // px

interface Row {
  label: string;
  finding: GroupFinding | null; // null: the heading of a kind of groups
}

export function groupRows(groups: GroupFinding[]): Row[] {
  const kinds = [...new Set(groups.map((group) => group.kind))];
  return kinds.flatMap((kind) => {
    const members = groups.filter((group) => group.kind === kind);
    const heading = members[0] ? t(members[0].kind_title) : kind;
    return [
      { label: heading, finding: null },
      ...members.map((finding) => ({ label: t(finding.group_title), finding })),
    ];
  });
}

/**
 * A label in lines that fit. ECharts could break it, but in Persian a line has to be told its direction, or its brackets
 * turn.
 */
function linesIn(label: string, narrow: boolean): string[] {
  const most = (narrow ? 140 : 240) / LETTER;
  const lines: string[] = [];
  for (const part of label.split(" ")) {
    const longer = `${lines.at(-1) ?? ""} ${part}`.trim();
    if (lines.length && longer.length <= most) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}

/** Height of the chart, in px: its rows are as high as the label with most lines. */
export function groupHeight(rows: Row[], narrow: boolean): number {
  const lines = Math.max(...rows.map((row) => linesIn(row.label, narrow).length));
  return rows.length * Math.max(ROW, lines * LINE + 6) + 44;
}

/** The largest end of any interval: one scale for all groups of all policies. */
export function extentOf(groups: Finding[]): number {
  const ends = groups.flatMap(({ difference, low, high, least }) => [difference, low, high, least && 1.4 * least]);
  return Math.max(...ends.map((end) => Math.abs(end ?? 0)), 1e-9) * 1.05;
}

export function groupOption(rows: Row[], outcome: Outcome, extent: number, narrow: boolean): Option {
  const decimals = decimalsFor(extent, outcome);
  const least = Math.max(...rows.map((row) => row.finding?.least ?? 0));
  const data = rows.flatMap(({ finding }, at) => (finding ? [[finding.difference ?? 0, at]] : []));
  const found = rows.flatMap(({ finding }) => (finding ? [finding] : []));
  return {
    textStyle: { fontFamily: FONT },
    grid: { left: 8, right: 20, top: 6, bottom: 8, containLabel: true },
    xAxis: {
      type: "value",
      min: -extent,
      max: extent,
      splitNumber: narrow ? 3 : 6,
      axisLabel: {
        ...AXIS_TEXT,
        showMinLabel: false,
        showMaxLabel: false,
        formatter: (value: number) => plain(shown(value, outcome, decimals, true)),
      },
      splitLine: { lineStyle: { color: PALE }, showMinLine: false, showMaxLine: false },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: rows.map((row) => row.label),
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: {
        ...AXIS_TEXT,
        interval: 0,
        lineHeight: LINE,
        formatter: (label: string, at: number) =>
          linesIn(label, narrow)
            .map((line) => (rows[at]?.finding ? plain(line) : `{kind|${plain(line)}}`))
            .join("\n"),
        rich: { kind: { fontWeight: 700, fontFamily: FONT, fontSize: 12, color: INK } },
      },
    },
    tooltip: {
      ...TOOLTIP,
      trigger: "item",
      formatter: (point: unknown) => {
        const finding = found[(point as { dataIndex: number }).dataIndex];
        return finding ? tip([plain(t(finding.group_title)), ...linesOf(finding)]) : "";
      },
    },
    series: [
      {
        type: "custom",
        id: "least",
        silent: true,
        clip: true,
        data: least > 0 ? [[0, 0]] : [],
        renderItem: (params, api) => {
          const [left = 0] = api.coord([-least, 0]);
          const [right = 0] = api.coord([least, 0]);
          const { y, height } = params.coordSys as unknown as { y: number; height: number };
          return { type: "rect", shape: { x: left, y, width: right - left, height }, style: { fill: PALE } };
        },
      },
      {
        type: "custom",
        id: "groups",
        data,
        clip: true,
        renderItem: (params, api) => {
          const finding = found[params.dataIndex];
          return finding ? drawn(finding, Number(api.value(1)), (point) => api.coord(point)) : undefined;
        },
      },
    ],
  };
}

/** One interval with its mark, as graphics of ECharts. */
function drawn(finding: GroupFinding, row: number, coord: (point: number[]) => number[]) {
  const { symbol, colour, filled } = markOf(finding.verdict);
  const [x = 0, y = 0] = coord([finding.difference ?? 0, row]);
  const style = { fill: filled ? colour : "#fff", stroke: colour, lineWidth: 1.8 };
  const r = 5;
  const mark =
    symbol === "circle"
      ? { type: "circle" as const, shape: { cx: x, cy: y, r }, style }
      : symbol === "diamond"
        ? {
            type: "polygon" as const,
            shape: {
              points: [
                [x, y - 6.5],
                [x + 6.5, y],
                [x, y + 6.5],
                [x - 6.5, y],
              ],
            },
            style,
          }
        : { type: "rect" as const, shape: { x: x - 4, y: y - 4, width: 8, height: 8 }, style };
  const { low, high } = finding;
  if (low === null || high === null) return { type: "group" as const, children: [mark] };
  const [x1 = 0] = coord([low, row]);
  const [x2 = 0] = coord([high, row]);
  const interval = { type: "line" as const, shape: { x1, y1: y, x2, y2: y }, style: { stroke: colour, lineWidth: 2 } };
  return { type: "group" as const, children: [interval, mark] };
}

function linesOf(finding: GroupFinding): string[] {
  const { shown: words, effect, unit } = finding;
  return [
    `${plain(t(words.difference))} ${plain(t(unit))}`,
    `${plain(word("table.interval"))}: ${plain(t(words.interval))}`,
    plain(t(effect)),
  ];
}

export function groupTable(groups: GroupFinding[]) {
  const unit = groups[0] ? ` (${t(groups[0].unit)})` : "";
  return {
    columns: [
      word("table.group"),
      word("table.kind"),
      word("table.base"),
      word("table.policy"),
      word("table.difference") + unit,
      word("table.interval"),
      word("table.effect"),
    ],
    rows: groups.map(({ group_title, kind_title, shown: words, effect }) =>
      [group_title, kind_title, words.base, words.policy, words.difference, words.interval, effect].map(t),
    ),
  };
}
