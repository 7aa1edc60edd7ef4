// Change by neighbourhood, with the largest losses and gains by name.
import { useMemo, useState } from "preact/hooks";
import { Chart } from "../charts/Chart";
import { coloursOf, decimalsFor, shown } from "../charts/look";
import { changeOption, changeTable } from "../charts/maps";
import type { Outcome, PlaceFinding, PolicyAnswer } from "../contract";
import { meta } from "../state";
import { Say, Word, lang, t, word } from "../text";
import type { WordKey } from "../../generated/words";
import { ChooseOutcome, Mark, Section, useNarrow } from "./small";

const LISTED = 5;

const VERDICTS: Record<PlaceFinding["verdict"], WordKey> = {
  better: "verdict.better",
  worse: "verdict.worse",
  "may be better": "verdict.may_be_better",
  "may be worse": "verdict.may_be_worse",
  none: "verdict.none",
  changed: "verdict.changed",
  unknown: "verdict.unknown",
};

const LEGENDS = {
  highest: { fall: "map.fall_loss", rise: "map.rise_gain" },
  lowest: { fall: "map.fall_gain", rise: "map.rise_loss" },
  neither: { fall: "map.fall", rise: "map.rise" },
} as const;

/** The outcome in which most neighbourhoods lose or may lose: the map is opened with it. */
function withMostLosers(answer: PolicyAnswer): string | undefined {
  const losing = ({ places }: PolicyAnswer["maps"][number]) =>
    places.filter(({ verdict }) => verdict === "worse" || verdict === "may be worse").length;
  return answer.maps.toSorted((a, b) => losing(b) - losing(a))[0]?.outcome;
}

export function MapOfChange({ answer, all }: { answer: PolicyAnswer; all: PolicyAnswer[] }) {
  const [chosen, setChosen] = useState("");
  const outcomes = meta.outcomes.filter(({ name }) => answer.maps.some((map) => map.outcome === name));
  const outcome = outcomes.find(({ name }) => name === (chosen || withMostLosers(answer))) ?? outcomes[0];
  const map = answer.maps.find((one) => one.outcome === outcome?.name);
  const narrow = useNarrow();
  const language = lang.value;
  // One scale of colours for all policies.
  const everywhere = all
    .flatMap((policy) => policy.maps.filter((one) => one.outcome === outcome?.name))
    .flatMap((one) => one.places);
  const extent = Math.max(...everywhere.map(({ difference }) => Math.abs(difference)), 1e-9);
  const option = useMemo(
    () => (map && outcome ? changeOption(map.places, outcome, extent) : {}),
    [map, outcome, extent, language],
  );
  if (!map || !outcome) return null;
  const sign = outcome.better === "lowest" ? -1 : 1;
  const inOrder = map.places.toSorted((a, b) => sign * (a.difference - b.difference));
  // Without a word for it a difference is no loss and no gain: the largest of fifty are mostly chance.
  const told = (place: PlaceFinding) => place.verdict !== "none" && place.verdict !== "unknown";
  const side = (of: PlaceFinding[], way: number) =>
    of.filter((place) => told(place) && sign * place.difference * way > 0);
  const neutral = outcome.better === null;
  const none = word(map.places.length ? "map.nowhere" : "groups.too_early");
  return (
    <Section id="map" title={word("map.title")}>
      <p class="meaning">
        <Say text={meta.city.note} />
      </p>
      <ChooseOutcome id="map-outcome" of={outcomes} value={outcome.name} onChoose={setChosen} />
      <div class="with-lists">
        <Chart
          name={`map-${outcome.name}`}
          caption={word("map.caption", { outcome: outcome.title, unit: outcome.unit })}
          text={t(map.text)}
          option={option}
          height={narrow ? 340 : 440}
          table={changeTable(inOrder, outcome, ({ verdict }) => word(VERDICTS[verdict]))}
          legend={<Legend outcome={outcome} extent={extent} />}
        />
        <div>
          <Largest title={word(neutral ? "map.falls" : "map.losses")} places={side(inOrder, -1)} none={none} />
          <Largest
            title={word(neutral ? "map.rises" : "map.gains")}
            places={side(inOrder.toReversed(), 1)}
            none={none}
          />
        </div>
      </div>
    </Section>
  );
}

function Largest({ title, places, none }: { title: string; places: PlaceFinding[]; none: string }) {
  const [whole, setWhole] = useState(false);
  return (
    <div class="largest">
      <h4>{title}</h4>
      {places.length === 0 && <p>{none}</p>}
      <ol class="marked">
        {places.map((place, i) => (
          <li key={place.number} class={i >= LISTED && !whole ? "on-paper" : undefined}>
            <Mark verdict={place.verdict} />
            <span>
              <Say text={meta.places.find(({ number }) => number === place.number)?.name ?? { en: "", fa: "" }} />:{" "}
              <Say text={place.shown.difference} /> <span class="unit">{word(VERDICTS[place.verdict])}</span>
            </span>
          </li>
        ))}
      </ol>
      {places.length > LISTED && (
        <button type="button" class="small" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          <Word of={whole ? "groups.fewer" : "groups.more"} with={{ number: places.length }} />
        </button>
      )}
    </div>
  );
}

function Legend({ outcome, extent }: { outcome: Outcome; extent: number }) {
  const { rise, fall } = coloursOf(outcome);
  const words = LEGENDS[outcome.better ?? "neither"];
  return (
    <ul class="legend">
      <li>
        <span class="swatch" style={{ background: fall }} aria-hidden="true" /> {word(words.fall)}
      </li>
      <li>
        <span class="swatch" style={{ background: rise }} aria-hidden="true" /> {word(words.rise)}
      </li>
      <li>
        <Word
          of="map.legend_scale"
          with={{ most: shown(extent, outcome, decimalsFor(extent, outcome)), unit: outcome.unit }}
        />
      </li>
      <li>
        <span class="swatch hatched" aria-hidden="true" /> {word("map.legend_open")}
      </li>
    </ul>
  );
}
