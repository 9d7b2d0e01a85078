import { firstTable } from '#releases';
import type { ReleaseSession } from './session.js';
import { printStatus } from './views.js';

export async function initChannel(session: ReleaseSession, stable: string): Promise<void> {
  const { table } = await session.store.init(
    firstTable(session.channel, stable),
    session.note(`init ${stable}`),
  );
  await session.target.follow(table);
  await printStatus(session);
}
