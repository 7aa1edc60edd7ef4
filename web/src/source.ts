// Where answers come from: the server, or the data inside an exported file. The page does not ask which of the two.
import type { Answer, Meta, Question, Text } from "./contract";
import type { Server } from "./server";

export interface Stored {
  answer: Answer | null; // null: not stored
  missing: Text; // says so, where it is null
}

export interface Source {
  meta: Meta;
  server: Server | null; // live runs, watching, files: what only a server can do
  stored(question: Question, signal: AbortSignal): Promise<Stored>;
}

/** A fault in the words of whoever found it. */
export class Refused extends Error {
  constructor(readonly fault: Text) {
    super(fault.en);
  }
}
