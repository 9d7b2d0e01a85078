import { promoteVersion, type ReleaseTable } from '@ccgame/releases';
import { assertServed } from './assert-served.js';
import { besideStable } from './beside-stable.js';
import { followNewest } from './follow-newest.js';
import { moveNow } from './move-now.js';
import { printNote } from './print-note.js';
import { requireTable } from './require-table.js';
import type { ReleaseSession } from './session.js';
import { assertEnoughServers } from './too-few-servers.js';
import { printStatus } from './views.js';
import { assertTaken } from './work-left.js';

/** The options of `ccgame release promote`. */
export interface PromoteOptions {
  moveNow: boolean;
  /** Also where rooms and entities could not go on in the version: they stay in their own until they end. */
  leaveBehind: boolean;
}

/**
 * Makes a live version the stable one. The same command once more goes on with one that broke off: routes and jobs follow, and players who could not
 * be asked to move are asked again.
 *
 * @throws TableError with what would stay behind, or with the server types that it has no server of, or too few of to move all players at once
 */
export async function promote(
  session: ReleaseSession,
  version: string,
  options: PromoteOptions,
): Promise<void> {
  const stored = await requireTable(session);
  const { table } = stored;
  if (table.stable === version) {
    printNote(`note: ${version} is the stable version already.`);
    await followNewest(session, stored);
  } else await makeStable(session, version, table, options);
  if (options.moveNow) await moveNow(session);
  await printStatus(session);
}

async function makeStable(
  session: ReleaseSession,
  version: string,
  table: ReleaseTable,
  options: PromoteOptions,
): Promise<void> {
  const heir = promoteVersion(version)(table).versions[table.stable]?.movesTo;
  await assertServed(session, table, version);
  if (options.moveNow) {
    const move = { from: table.stable, to: version, share: 1 };
    await assertEnoughServers(session, table, move, `promote ${version}`);
  }
  if (heir && !options.leaveBehind) await assertTaken(session, table.stable, heir);
  await session.change(`promote ${version}`, besideStable(table.stable, promoteVersion(version)));
}
