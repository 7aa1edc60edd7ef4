// The source inside an exported file: the answers of all pairs of stored policies, and nothing that needs a server.
import type { Answer, Exported, Meta, Policy, Question, Stored, Text } from "./contract";
import { canonical } from "./policy";
import type { Source } from "./source";
import { wordText } from "./text";

const ELEMENT = "mahalle-data";
const EMPTY: Policy = { title: { en: "", fa: "" }, set: {}, later: [], shocks: [] };

export class Embedded implements Source {
  readonly server = null;
  readonly meta: Meta;
  private readonly cells: Map<string, number>;

  private constructor(private readonly data: Exported) {
    this.meta = data.meta;
    this.cells = new Map(data.cells.map((cell, number) => [canonical({ ...EMPTY, ...cell }, data.meta), number]));
  }

  /** The source of this file, or null where the page came from a server. */
  static async open(): Promise<Embedded | null> {
    const element = document.getElementById(ELEMENT);
    return element ? new Embedded(await unpacked(element.textContent ?? "")) : null;
  }

  async stored({ base, policies }: Question): Promise<Stored> {
    const found = policies.map((policy) => this.answer(base, policy));
    const answers = found.filter((answer) => answer !== undefined);
    const lacking = policies.filter((_, i) => found[i] === undefined);
    if (lacking.length) {
      const titles = {
        en: lacking.map((policy) => `“${policy.title.en}”`).join(", "),
        fa: lacking.map((policy) => `«${policy.title.fa}»`).join("، "),
      };
      return { answer: null, missing: wordText("answer.not_in_file", { titles }) };
    }
    return { answer: together(answers, base, policies), missing: null };
  }

  holds(base: Policy, policy: Policy): boolean {
    return this.answer(base, policy) !== undefined;
  }

  private answer(base: Policy, policy: Policy): Answer | undefined {
    const numbers = [base, policy].map((one) => this.cells.get(canonical(one, this.meta)));
    return this.data.answers[numbers.join("-")];
  }
}

/** What an exported file holds: gzip in base64; texts stand in a list, and "~" with a number where one belongs. */
async function unpacked(base64: string): Promise<Exported> {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const { meta, cells, answers, texts } = (await new Response(stream).json()) as Packed;
  const shared = texts.map(([en, fa]) => ({ en, fa }));
  return { meta, cells, answers: whole(answers, shared) as Exported["answers"] };
}

interface Packed {
  meta: Meta;
  cells: Exported["cells"];
  answers: Record<string, unknown>;
  texts: [string, string][];
}

function whole(value: unknown, texts: Text[]): unknown {
  if (typeof value === "string") {
    if (!value.startsWith("~")) return value;
    return value.startsWith("~~") ? value.slice(1) : texts[Number(value.slice(1))];
  }
  if (Array.isArray(value)) return value.map((item) => whole(item, texts));
  if (value === null || typeof value !== "object") return value;
  const found = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, whole(item, texts)]));
  const { groups } = found;
  if (Array.isArray(groups)) {
    for (const side of ["losers", "gainers"]) {
      const numbers = found[side];
      if (Array.isArray(numbers)) found[side] = numbers.map((number: number) => groups[number] as unknown);
    }
  }
  return found;
}

/** One answer of several, each about one policy. */
function together(answers: Answer[], base: Policy, policies: Policy[]): Answer {
  const [first] = answers;
  if (!first) throw new Error("a question has at least one policy");
  const fewest = answers.reduce((least, answer) => (answer.pairs < least.pairs ? answer : least));
  const cautions = new Map(answers.flatMap((answer) => answer.cautions).map((text) => [text.en, text]));
  return {
    ...first,
    source_text: fewest.source_text,
    pairs: fewest.pairs,
    base: { title: base.title },
    cautions: [...cautions.values()],
    policies: answers.flatMap(({ policies: [one] }, i) =>
      one ? [{ ...one, title: policies[i]?.title ?? one.title }] : [],
    ),
  };
}
