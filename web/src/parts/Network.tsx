// The network of one neighbourhood, and what is known of a resident, a council, a facilitator.
import { useEffect, useMemo, useState } from "preact/hooks";
import { Chart } from "../charts/Chart";
import { networkOption, tieStyles } from "../charts/network";
import type { Inspected, Neighbourhood } from "../contract";
import type { Server } from "../server";
import { meta } from "../state";
import { Say, Word, lang, number, t, word } from "../text";
import { guarded } from "../trouble";

interface Props {
  server: Server;
  id: string; // of what is watched
  week: number;
  place: number;
  onPlace: (place: number) => void;
  still: boolean; // while weeks pass, the network is not drawn anew
}

export function Network({ server, id, week, place, onPlace, still }: Props) {
  const [network, setNetwork] = useState<Neighbourhood | null>(null);
  const [inspected, setInspected] = useState<Inspected | null>(null);
  useEffect(() => {
    if (!still) return;
    let superseded = false;
    void guarded(() => server.neighbourhood(id, place)).then((found) => {
      if (found && !superseded) setNetwork(found);
    });
    return () => {
      superseded = true;
    };
  }, [server, id, place, still, week]);
  const inspect = async (kind: string, which: number) => {
    const found = await guarded(() => server.agent(id, kind, which));
    if (found) setInspected(found);
  };
  return (
    <>
      <h4>{word("network.title")}</h4>
      <div class="row">
        <p class="field">
          <label for="network-place">{word("network.place")}</label>
          <select
            id="network-place"
            value={String(place)}
            onChange={(event) => onPlace(Number(event.currentTarget.value))}
          >
            {meta.places.map((one) => (
              <option key={one.number} value={String(one.number)}>
                {t(one.name)}
              </option>
            ))}
          </select>
        </p>
        <button type="button" onClick={() => void inspect("council", place)}>
          {word("network.council")}
        </button>
        <button type="button" onClick={() => void inspect("facilitator", place)}>
          {word("network.facilitator")}
        </button>
        <button type="button" onClick={() => void inspect("municipality", 0)}>
          {word("network.municipality")}
        </button>
      </div>
      <div class="with-lists wide">
        {network && <Drawn network={network} onInspect={(which) => void inspect("resident", which)} />}
        <div aria-live="polite">
          {inspected ? <Facts of={inspected} /> : <p class="meaning">{word("network.none")}</p>}
        </div>
      </div>
    </>
  );
}

function Drawn({ network, onInspect }: { network: Neighbourhood; onInspect: (id: number) => void }) {
  const language = lang.value;
  const option = useMemo(() => networkOption(network), [network, language]);
  const seats = network.nodes.filter((node) => node.seat).length;
  return (
    <div>
      <p class="field">
        <label for="resident">{word("network.resident")}</label>
        <select
          id="resident"
          value=""
          onChange={(event) => event.currentTarget.value && onInspect(Number(event.currentTarget.value))}
        >
          <option value="">{word("levers.choose")}</option>
          {network.nodes.map((node) => (
            <option key={node.id} value={String(node.id)}>
              {word(node.seat ? "network.seat_holder" : "network.one_resident", {
                id: node.id,
                trust: number(node.trust * 100),
              })}
            </option>
          ))}
        </select>
      </p>
      <Chart
        name={`network-${network.number}`}
        caption={word("network.caption", { place: network.title })}
        text={`${word("network.text", { residents: network.nodes.length, ties: network.ties.length, seats })} ${t(network.sampled)}`}
        option={option}
        height={460}
        onPick={(name) => /^\d+$/.test(name) && onInspect(Number(name))}
        table={{
          columns: [word("network.resident"), word("network.trust"), word("network.seat"), word("network.ties")],
          rows: network.nodes.map((node, at) => [
            number(node.id),
            number(node.trust * 100),
            word(node.seat ? "lever.yes" : "lever.no"),
            number(network.ties.filter(([a, b]) => a === at || b === at).length),
          ]),
        }}
        legend={<Legend network={network} />}
      />
    </div>
  );
}

function Legend({ network }: { network: Neighbourhood }) {
  const styles = tieStyles(network);
  return (
    <ul class="legend">
      <li>
        <Word of="network.low" /> <span class="ramp" aria-hidden="true" /> <Word of="network.high" />
      </li>
      <li>
        <span aria-hidden="true">◆</span> {word("network.seat")}
      </li>
      <li>
        <span class="ring" aria-hidden="true" /> {word("network.active")}
      </li>
      {Object.entries(network.kinds).map(([kind, name]) => (
        <li key={kind}>
          <svg width="28" height="8" aria-hidden="true">
            <line
              x1="0"
              x2="28"
              y1="4"
              y2="4"
              stroke="#444"
              stroke-width="1.6"
              stroke-dasharray={styles.get(kind)?.join(" ")}
            />
          </svg>{" "}
          <Say text={name} />
        </li>
      ))}
    </ul>
  );
}

function Facts({ of }: { of: Inspected }) {
  return (
    <>
      <h4>
        <Say text={of.title} />
      </h4>
      <dl class="facts column">
        {of.facts.map(({ name, shown }) => (
          <div key={name.en}>
            <dt>
              <Say text={name} />
            </dt>
            <dd>
              <Say text={shown} />
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
