import { promoteVersion } from '@ccgame/releases';
import { moveNow } from './move-now.js';
import { requireTable } from './require-table.js';
import type { ReleaseSession } from './session.js';
import { printStatus } from './views.js';
import { assertTaken } from './work-left.js';

/** The options of `ccgame release promote`. */
export interface PromoteOptions {
  moveNow: boolean;
  /** Also where rooms and entities could not go on in the version: they stay in their own until they end. */
  leaveBehind: boolean;
}

/** Makes a live version the stable one. @throws TableError with what would stay behind */
export async function promote(
  session: ReleaseSession,
  version: string,
  options: PromoteOptions,
): Promise<void> {
  const { table } = await requireTable(session);
  const heir = promoteVersion(version)(table).versions[table.stable]?.movesTo;
  if (heir && !options.leaveBehind) await assertTaken(session, table.stable, heir);
  await session.change(`promote ${version}`, promoteVersion(version));
  if (options.moveNow) await moveNow(session);
  await printStatus(session);
}
