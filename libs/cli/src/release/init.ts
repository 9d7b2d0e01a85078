import { startServers } from './deploy.js';
import { firstTable, TableError } from '@ccgame/releases';
import { rememberedBy } from './restore.js';
import type { ReleaseSession } from './session.js';
import type { DeployOptions } from './targets/target.js';
import { printStatus } from './views.js';

/**
 * Starts the first version where none of its servers is, and writes the first table.
 *
 * @throws TableError when there is a table, or servers remember one that NATS lost
 */
export async function initChannel(
  session: ReleaseSession,
  stable: string,
  options: DeployOptions = {},
): Promise<void> {
  const isNew = !(await session.store.readTable(session.channel));
  const lost = isNew && (await rememberedBy(session));
  if (lost) {
    throw new TableError([
      `Servers remember a table of ${session.channel}, with ${lost.table.stable} as stable, that NATS has lost: "ccgame release restore" writes it again.`,
    ]);
  }
  // A new cluster has no servers yet: versions come with releases alone.
  const running = await session.target.servers();
  if (!running.some(({ version }) => version === stable)) await startServers(session, stable, options);
  const { table } = await session.store.writeFirstTable(
    firstTable(session.channel, stable),
    session.note(`init ${stable}`),
  );
  await session.target.follow(table);
  await printStatus(session);
}
