// The parts of ECharts that the page uses, and no more of it.
import { CustomChart, GraphChart, LineChart, MapChart, ScatterChart } from "echarts/charts";
import type {
  CustomSeriesOption,
  GraphSeriesOption,
  LineSeriesOption,
  MapSeriesOption,
  ScatterSeriesOption,
} from "echarts/charts";
import { GeoComponent, GridComponent, TooltipComponent } from "echarts/components";
import type { GridComponentOption, TooltipComponentOption } from "echarts/components";
import { type ComposeOption, getMap, init, registerMap, use } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import type { Place } from "../contract";

use([CustomChart, GraphChart, LineChart, MapChart, ScatterChart, GeoComponent, GridComponent, TooltipComponent]);
use([LabelLayout, SVGRenderer]);

export { init };

export type Option = ComposeOption<
  | CustomSeriesOption
  | GraphSeriesOption
  | LineSeriesOption
  | MapSeriesOption
  | ScatterSeriesOption
  | GridComponentOption
  | TooltipComponentOption
>;

export const CITY = "city";

/** Tell ECharts the outlines of the neighbourhoods, by number. */
export function registerCity(places: Place[]): void {
  if (getMap(CITY)) return;
  const features = places.map((place) => ({
    type: "Feature" as const,
    properties: { name: String(place.number) },
    geometry: { type: "MultiPolygon" as const, coordinates: place.rings.map((ring) => [ring]) },
  }));
  registerMap(CITY, { type: "FeatureCollection", features } as unknown as Parameters<typeof registerMap>[1]);
}
