// Maps of the city: of change, hatched where the interval holds 0, and of an outcome in one week.
import type { Outcome, Place, PlaceFinding } from "../contract";
import { meta } from "../state";
import { plain, t, word } from "../text";
import { CITY, type Option, registerCity } from "./echarts";
import { BLUE, FONT, GREY, INK, TOOLTIP, coloursOf, decimalsFor, shown, tint, tip } from "./look";

const HATCH = {
  symbol: "rect",
  dashArrayX: [1, 0],
  dashArrayY: [2, 5],
  rotation: Math.PI / 4,
  color: "rgba(60, 60, 60, 0.45)",
};

interface Region {
  place: Place;
  fill: string;
  hatched: boolean;
  label: string | null;
  lines: string[];
  named?: boolean; // whether its name stands in it
}

/** Whether the interval leaves open which way the neighbourhood moves; without an interval it does. */
export function isOpen({ low, high }: PlaceFinding): boolean {
  return low === null || high === null || (low <= 0 && high >= 0);
}

export function changeOption(places: PlaceFinding[], outcome: Outcome, extent: number): Option {
  const byNumber = new Map(places.map((place) => [place.number, place]));
  const { rise, fall } = coloursOf(outcome);
  // Names do not fit everywhere, and of two that lie on each other the larger area's would stay: so where something can
  // be told of some neighbourhoods, only these are named.
  const some = places.some((place) => !isOpen(place));
  return mapOption(
    meta.places.map((place) => {
      const found = byNumber.get(place.number);
      if (!found) return { place, fill: "#fff", hatched: false, label: null, lines: [], named: !some };
      const share = 0.12 + 0.78 * Math.min(1, Math.abs(found.difference) / extent);
      const open = isOpen(found);
      const lines = [
        `${plain(t(found.shown.difference))} ${plain(t(outcome.unit))}`,
        `${plain(word("table.interval"))}: ${plain(t(found.shown.interval))}`,
        ...(open ? [plain(word("map.open"))] : []),
      ];
      const fill = tint(found.difference < 0 ? fall : rise, open ? share * 0.45 : share);
      return {
        place,
        fill,
        hatched: open,
        label: open ? null : t(found.shown.difference),
        lines,
        named: !some || !open,
      };
    }),
  );
}

export function levelOption(
  values: number[],
  outcome: Outcome,
  scale: [number, number],
  chosen: number | null,
): Option {
  const [low, high] = scale;
  return mapOption(
    meta.places.map((place) => {
      const value = values[place.number];
      if (value === undefined) return { place, fill: "#fff", hatched: false, label: null, lines: [] };
      const share = high > low ? (value - low) / (high - low) : 0.5;
      return {
        place,
        fill: tint(BLUE, 0.06 + 0.8 * share),
        hatched: false,
        label: null,
        lines: [plain(shown(value, outcome, decimalsFor(high - low, outcome)))],
      };
    }),
    chosen,
  );
}

function mapOption(regions: Region[], chosen: number | null = null): Option {
  registerCity(meta.places);
  const byName = new Map(regions.map((region) => [String(region.place.number), region]));
  return {
    textStyle: { fontFamily: FONT },
    tooltip: {
      ...TOOLTIP,
      trigger: "item",
      formatter: (point: unknown) => {
        const region = byName.get((point as { name: string }).name);
        return region ? tip([plain(t(region.place.name)), ...region.lines]) : "";
      },
    },
    series: [
      {
        type: "map",
        id: "map",
        map: CITY,
        aspectScale: 1, // kilometres, not degrees
        layoutCenter: ["50%", "50%"],
        layoutSize: "92%",
        selectedMode: false,
        labelLayout: { hideOverlap: true },
        label: {
          show: true,
          fontFamily: FONT,
          fontSize: 10,
          width: 72,
          overflow: "break",
          lineHeight: 12,
          color: INK,
          textBorderColor: "#fff",
          textBorderWidth: 2.5,
          formatter: ({ name }) => {
            const region = byName.get(name);
            if (!region || region.named === false) return "";
            return [t(region.place.name), ...(region.label ? [region.label] : [])].map(plain).join("\n");
          },
        },
        emphasis: { label: { show: true }, itemStyle: { areaColor: "inherit", borderColor: INK, borderWidth: 2 } },
        data: regions.map(({ place, fill, hatched }) => ({
          name: String(place.number),
          value: 0,
          itemStyle: {
            areaColor: fill,
            borderColor: place.number === chosen ? INK : GREY,
            borderWidth: place.number === chosen ? 2.5 : 0.6,
            ...(hatched ? { decal: HATCH } : {}),
          },
        })),
      },
    ],
  };
}

export function changeTable(places: PlaceFinding[], outcome: Outcome, effect: (place: PlaceFinding) => string) {
  const names = new Map(meta.places.map((place) => [place.number, place.name]));
  return {
    columns: [
      word("table.place"),
      `${word("table.difference")} (${t(outcome.unit)})`,
      word("table.interval"),
      word("table.effect"),
    ],
    rows: places.map((place) => [
      t(names.get(place.number) ?? { en: "", fa: "" }),
      t(place.shown.difference),
      t(place.shown.interval),
      effect(place),
    ]),
  };
}
