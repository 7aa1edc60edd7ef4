// A chart with what belongs to it: a caption, a text alternative that a person wrote, its table, and its files.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Table, save, saveTable } from "../files";
import { Data } from "../parts/Data";
import { lang, plain, rich, word } from "../text";
import { type Option, init } from "./echarts";

type ECharts = ReturnType<typeof init>;

interface Props {
  name: string; // of its files
  caption: string;
  text: string; // the text alternative: what the chart shows
  option: Option;
  height: number; // px
  table: Table;
  legend?: ComponentChildren;
  onPick?: (name: string) => void; // a click on something named
}

export function Chart({ name, caption, text, option, height, table, legend, onPick }: Props) {
  const [tabled, setTabled] = useState(false);
  const chart = useRef<ECharts | null>(null);
  return (
    <figure class="chart">
      <figcaption>
        <strong>{rich(caption)}</strong> {rich(text)}
      </figcaption>
      {tabled ? (
        <Data table={table} caption={caption} />
      ) : (
        <>
          {legend}
          <Canvas text={text} option={option} height={height} onPick={onPick} chart={chart} />
        </>
      )}
      <div class="tools">
        <button type="button" aria-pressed={tabled} onClick={() => setTabled(!tabled)}>
          {word(tabled ? "chart.as_chart" : "chart.as_table")}
        </button>
        <button type="button" onClick={() => saveTable(name, table)}>
          {word("chart.csv")}
        </button>
        {!tabled && (
          <button type="button" onClick={() => chart.current && saveSvg(name, chart.current)}>
            {word("chart.svg")}
          </button>
        )}
      </div>
    </figure>
  );
}

interface CanvasProps {
  text: string;
  option: Option;
  height: number;
  onPick?: ((name: string) => void) | undefined;
  chart: { current: ECharts | null };
}

/** Where ECharts draws. Time and numbers run to the right in both languages. */
function Canvas({ text, option, height, onPick, chart }: CanvasProps) {
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef({ option, onPick });
  latest.current = { option, onPick };
  const draw = () => {
    chart.current?.setOption(
      { animation: false, ...latest.current.option },
      { replaceMerge: ["series", "xAxis", "yAxis"] },
    );
  };
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const begin = () => {
      chart.current = init(element, null, { renderer: "svg" });
      chart.current.on("click", (event) => latest.current.onPick?.(String(event.name)));
      draw();
    };
    // Without room, as in a part that is folded, ECharts cannot draw a map.
    const observer = new ResizeObserver(() => {
      if (element.clientWidth === 0) return;
      if (chart.current) chart.current.resize();
      else begin();
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(draw, [option]);
  return (
    <div
      ref={box}
      class="canvas"
      dir="ltr"
      lang={lang.value}
      role="img"
      aria-label={plain(text)}
      style={{ height: `${height}px` }}
    />
  );
}

function saveSvg(name: string, chart: ECharts): void {
  save(`${name}.svg`, "image/svg+xml", chart.renderToSVGString());
}
