// Faults of single acts (saving, loading, watching), which leave the answer as it is.
import { signal } from "@preact/signals";
import type { Text } from "./contract";
import { Refused } from "./source";
import { wordText } from "./text";

export const trouble = signal<Text | null>(null);

/** Do something that may be refused, and say so if it is; undefined then. */
export async function guarded<R>(act: () => Promise<R>): Promise<R | undefined> {
  trouble.value = null;
  try {
    return await act();
  } catch (error) {
    trouble.value = error instanceof Refused ? error.fault : wordText("fault.unexpected");
    return undefined;
  }
}
