import { drainVersion, parseTable, retireVersion, TableError } from '@ccgame/releases';
import { requireTable } from './require-table.js';
import { movePlayers, sessionsOf, ticketsOf } from './players-of.js';
import type { ReleaseSession } from './session.js';
import { printStatus } from './views.js';

const pollMs = 500;
/** Every server has seen a table by then. */
const seenMs = 1000;
/** Players that have not moved by then are asked again. */
const askAgainMs = 10_000;
/** A connector that is too busy to answer in time is not counted: one look at nobody is no proof. */
const emptyLooks = 3;

/**
 * Drains a version, moves its players to the version that the table gives them, waits until it has none and no ticket of its
 * own, and removes its servers. Its tickets are matched by the servers of the version that the table names, from the moment
 * when they see the table.
 *
 * @param force the version once more: then nobody is waited for; its servers still drain when they are stopped
 */
export async function retire(session: ReleaseSession, version: string, force?: string): Promise<void> {
  if (force !== undefined && force !== version)
    throw new TableError([`--force names ${force}; to mean it, name ${version}.`]);
  const { table } = await requireTable(session);
  if (table.versions[version]?.state !== 'draining')
    await session.change(`retire ${version}`, drainVersion(version));
  await sleep(seenMs);
  if (force === undefined) await untilEmpty(session, version);
  // Whatever the table would refuse is refused while the servers still run.
  parseTable(retireVersion(version)((await requireTable(session)).table));
  await session.target.remove(version);
  await session.change(`retired ${version}`, retireVersion(version));
  await printStatus(session);
}

/** Says once more to the connected players where they belong. */
export async function moveNow(session: ReleaseSession): Promise<void> {
  await sleep(seenMs);
  console.log(`${await movePlayers(session.nats)} players are asked to move`);
}

async function untilEmpty(session: ReleaseSession, version: string): Promise<void> {
  let [first, askedAt, empty] = [0, 0, 0];
  while (empty < emptyLooks) {
    if (Date.now() - askedAt > askAgainMs) {
      await movePlayers(session.nats, version);
      askedAt = Date.now();
    }
    const sessions = await sessionsOf(session.nats, version);
    const { tickets, elsewhere } = await ticketsOf(session.nats, version);
    const left = sessions + tickets;
    empty = left === 0 ? empty + 1 : 0;
    first = Math.max(first, left);
    if (first > 0)
      show(
        `${bar(first, left)} ${version}: ${sessions} players, ${tickets} tickets (${elsewhere} wait elsewhere)`,
      );
    await sleep(pollMs);
  }
  if (first > 0) process.stdout.write('\n');
}

/** On a terminal the bar stays on its line; a log gets one line each. */
function show(line: string): void {
  process.stdout.write(process.stdout.isTTY ? `\r${line.padEnd(79)}` : `${line}\n`);
}

function bar(first: number, left: number): string {
  const width = 30;
  const done = first === 0 ? width : Math.round((1 - left / first) * width);
  return `[${'#'.repeat(done)}${'.'.repeat(width - done)}]`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
