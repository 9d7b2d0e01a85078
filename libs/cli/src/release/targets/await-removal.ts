import { setTimeout as sleep } from 'node:timers/promises';
import { PatientLook } from '../patient-look.js';
import { printNote } from '../print-note.js';

const lookEveryMs = 1_000;
const tellEveryMs = 60_000;
/** A tool that only polls takes minutes. */
export const longestWaitMs = 30 * 60_000;

/** The things that somebody else takes out of the cluster. */
export interface Removal {
  /** `routes of 1.0.0001` */
  what: string;
  /** In a clause: why they may still be there. */
  why: string;
  isThere: () => Promise<boolean>;
}

/** Waits until things are gone, and says each minute that they are not. @throws Error where they stay for half an hour */
export async function awaitRemoval({ what, why, isThere }: Removal): Promise<void> {
  const since = performance.now();
  const patient = new PatientLook();
  for (let toldAt = since; (await patient.see(isThere)) ?? true; await sleep(lookEveryMs)) {
    const now = performance.now();
    const sentence = `The cluster still has ${what} after ${Math.round((now - since) / 60_000)} min: ${why}.`;
    if (now - since > longestWaitMs)
      throw new Error(`${sentence} Servers run on; the same command once more goes on.`);
    if (now - toldAt < tellEveryMs) continue;
    toldAt = now;
    printNote(sentence);
  }
}
