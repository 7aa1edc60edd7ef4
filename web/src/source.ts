// Where answers come from: the server, or the data inside an exported file. The page does not ask which of the two.
import type { Lever, Meta, Policy, Question, Stored, Text } from "./contract";
import type { Server } from "./server";

export interface Source {
  meta: Meta;
  server: Server | null; // live runs, watching, files: what only a server can do
  stored(question: Question, signal: AbortSignal): Promise<Stored>;
  /** Whether a policy with one lever moved is stored; as far as the page can tell. */
  holds(base: Policy, policy: Policy, lever: Lever): boolean;
}

/** A fault in the words of whoever found it. */
export class Refused extends Error {
  constructor(readonly fault: Text) {
    super(fault.en);
  }
}
