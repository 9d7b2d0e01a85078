import { type ReleaseTable, TableError } from '@ccgame/releases';
import { printNote } from './print-note.js';
import type { ReleaseSession } from './session.js';

/** With fewer a server gets more than some three times the players that it has been scaled for: more than an autoscaler's target leaves room for. */
const leastShare = 0.5;

/** Players who are moved from one version to another. */
interface Move {
  from: string;
  to: string;
  /** The share of them that is moved. */
  share: number;
}

type Target = Pick<ReleaseSession, 'target'>;

/**
 * Refuses to move players at once to servers that are far fewer than those they come from, as where an autoscaler made a canary small.
 *
 * @param again the command that moves them in any case, once the table is changed
 * @throws TableError that names the types; Error where the place where servers run can't be asked
 */
export async function assertEnoughServers(
  session: Target,
  table: ReleaseTable,
  move: Move,
  again: string,
): Promise<void> {
  const lacking = await findTooFew(session, table, move);
  if (lacking.length === 0) return;
  throw new TableError([
    ...lacking,
    `Nothing was changed. Without --move-now players come by and by, and an autoscaler follows; then "ccgame release ${again} --move-now" moves the rest. Or raise the autoscaler's minReplicas first.`,
  ]);
}

/** The way back is barred to nobody, also where the place where servers run can't be asked. */
export async function warnOfTooFew(session: Target, table: ReleaseTable, move: Move): Promise<void> {
  const lacking = await findTooFew(session, table, move).catch(() => []);
  for (const sentence of lacking) printNote(`note: ${sentence}`);
}

/** In sentences: each server type of which the version has too few. */
async function findTooFew(
  { target }: Target,
  { fallbacks }: ReleaseTable,
  { from, to, share }: Move,
): Promise<string[]> {
  const { instances } = await target.servers();
  const readyOf = (type: string, version: string): number => {
    const serving = fallbacks[type]?.[version] ?? version;
    const own = instances.filter((one) => one.serverType === type && one.version === serving);
    return own.filter(({ isReady, state }) => isReady && state !== 'leaving').length;
  };
  return target.serverTypes.flatMap((type) => {
    const [before, after] = [readyOf(type, from), readyOf(type, to)];
    if (after >= before * share * leastShare) return [];
    return [
      `${type}: ${to} has ${after} ready, and players of ${before} of ${from} would come there at once.`,
    ];
  });
}
