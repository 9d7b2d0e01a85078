import { firstTable, TableError } from '@ccgame/releases';
import { followChange } from './follow-newest.js';
import { rememberedBy } from './restore.js';
import type { ReleaseSession } from './session.js';
import { type StartOptions, startServers } from './start-servers.js';
import { printStatus } from './views.js';

/** The options of `ccgame release init`. */
export type InitOptions = Pick<StartOptions, 'image' | 'patience'>;

/**
 * Starts the first version where none of its servers is ready, and writes the first table.
 *
 * @throws TableError when there is a table, or servers remember one that NATS lost
 */
export async function initChannel(
  session: ReleaseSession,
  stable: string,
  { image, patience }: InitOptions,
): Promise<void> {
  // Before a server of it is started.
  if (await session.store.readTable(session.channel))
    throw new TableError([`The channel ${session.channel} has a table already.`]);
  const lost = await rememberedBy(session);
  if (lost) {
    throw new TableError([
      `Servers remember a table of ${session.channel}, with ${lost.table.stable} as stable, that NATS has lost: "ccgame release restore" writes it again.`,
    ]);
  }
  // A new cluster has no servers yet: versions come with releases alone.
  const { counts } = await session.target.servers();
  if (!counts.some(({ version, ready }) => version === stable && ready > 0))
    await startServers(session, stable, { image, patience }, 'the same command once more goes on.');
  const stored = await session.store.writeFirstTable(
    firstTable(session.channel, stable),
    session.note(`init ${stable}`),
  );
  await followChange(session, stored);
  await printStatus(session);
}
