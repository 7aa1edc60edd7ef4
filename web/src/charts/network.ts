// The network of a neighbourhood: residents by trust, holders of a seat as diamonds, ties by kind.
import type { Neighbourhood } from "../contract";
import { number, plain, word } from "../text";
import type { Option } from "./echarts";
import { BLUE, FONT, GREY, INK, TOOLTIP, tint, tip } from "./look";

const DASHES = [[], [6, 3], [1.5, 3], [8, 3, 1.5, 3]];

/** The dashes of each kind of tie. */
export function tieStyles(network: Neighbourhood): Map<string, number[]> {
  return new Map(Object.keys(network.kinds).map((kind, i) => [kind, DASHES[i % DASHES.length] ?? []]));
}

export function networkOption(network: Neighbourhood): Option {
  const styles = tieStyles(network);
  const places = onRings(network.nodes.length);
  return {
    textStyle: { fontFamily: FONT },
    tooltip: {
      ...TOOLTIP,
      trigger: "item",
      formatter: (point: unknown) => {
        const { dataType, dataIndex } = point as { dataType: string; dataIndex: number };
        const node = dataType === "node" ? network.nodes[dataIndex] : undefined;
        if (!node) return "";
        const values = { id: node.id, trust: number(node.trust * 100) };
        return tip([plain(word(node.seat ? "network.seat_holder" : "network.one_resident", values))]);
      },
    },
    series: [
      {
        type: "graph",
        id: "network",
        layout: "force",
        force: { layoutAnimation: false, repulsion: 45, edgeLength: 28, gravity: 0.25 },
        roam: false, // or the wheel would turn the network where the reader wants to scroll
        edgeSymbol: "none",
        data: network.nodes.map((node, at) => ({
          id: String(at),
          name: String(node.id),
          ...places[at],
          symbol: node.seat ? "diamond" : "circle",
          symbolSize: node.seat ? 16 : 9,
          itemStyle: {
            color: tint(BLUE, 0.08 + 0.9 * node.trust),
            borderColor: node.active || node.seat ? INK : GREY,
            borderWidth: node.active ? 2 : 0.7,
          },
        })),
        links: network.ties.map(([from, to, kind]) => ({
          source: String(from),
          target: String(to),
          lineStyle: { color: GREY, opacity: 0.5, width: 1, type: styles.get(kind) ?? [] },
        })),
      },
    ],
  } as Option;
}

/** Where the layout begins: without it each drawing would begin by lot, and residents would jump from week to week. */
function onRings(count: number): { x: number; y: number }[] {
  return Array.from({ length: count }, (_, at) => {
    const angle = at * 2.39996; // the golden angle spreads points evenly
    const radius = 14 * Math.sqrt(at);
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
  });
}
