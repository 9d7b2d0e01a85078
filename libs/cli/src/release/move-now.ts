import { setTimeout as sleep } from 'node:timers/promises';
import { movePlayers } from './players-of.js';
import { silenceOf, takeRoster } from './roll-call.js';
import type { ReleaseSession } from './session.js';
import { printNote } from './print-note.js';

/** Every server has seen a table by then. */
const seenMs = 1000;
const pauseMs = 1000;
/** How often connectors that don't answer are asked. */
const tries = 3;

/**
 * Says once more to the connected players where they belong.
 *
 * @throws Error that names the connectors whose players could not be asked
 */
export async function moveNow(session: ReleaseSession): Promise<void> {
  await sleep(seenMs);
  let roster = await takeRoster(session);
  let asked = 0;
  for (let left = tries; ; left -= 1) {
    const { count, silent } = await movePlayers(session, roster);
    asked += count;
    if (silent.length === 0) break;
    if (left <= 1)
      throw new Error(
        `${playersAsked(asked)}. ${silenceOf(silent)}: players there stay where they are until their next connection.`,
      );
    // Those that answered have asked their players.
    roster = { ...roster, expected: silent };
    await sleep(pauseMs);
  }
  printNote(playersAsked(asked));
}

const playersAsked = (count: number): string =>
  count === 1 ? '1 player is asked to move' : `${count} players are asked to move`;
