import { drainVersion, parseTable, retireVersion, TableError } from '@ccgame/releases';
import { NatsProblem } from '@ccgame/testing';
import { awaitGone } from './await-servers.js';
import { requireTable } from './require-table.js';
import { countSessions, countTickets, movePlayers } from './players-of.js';
import { type SilentServer, silenceOf, takeRoster } from './roll-call.js';
import type { ReleaseSession } from './session.js';
import { printStatus } from './views.js';

const pollMs = 500;
/** Every server has seen a table by then. */
const seenMs = 1000;
/** Players that have not moved by then are asked again. */
const askAgainMs = 10_000;
/** A player may be between two connectors: one look at nobody is no proof. */
const emptyLooks = 3;

/**
 * Drains a version, moves its players to the version that the table gives them, waits until it has none and no ticket of its
 * own, and removes its servers. Its tickets are matched by the servers of the version that the table names, from the moment
 * when they see the table. A server that doesn't answer is waited for: nobody knows how many players it has.
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
  await session.target.stop(version);
  await awaitGone(session.target, version);
  await session.change(`retired ${version}`, retireVersion(version));
  await printStatus(session);
}

interface Left {
  sessions: number;
  tickets: number;
  elsewhere: number;
  silent: SilentServer[];
}

async function untilEmpty(session: ReleaseSession, version: string): Promise<void> {
  let [first, askedAt, empty] = [0, 0, 0];
  while (empty < emptyLooks) {
    const mayAsk = Date.now() - askedAt > askAgainMs;
    if (mayAsk) askedAt = Date.now();
    // NATS may be away for a moment: that says nothing about players.
    const found = await look(session, version, mayAsk).catch((error: Error) => {
      if (error instanceof NatsProblem) return error;
      throw error;
    });
    if (found instanceof NatsProblem) {
      empty = 0;
      show(`${found.message} Looking again.`);
    } else {
      const left = found.sessions + found.tickets;
      first = Math.max(first, left);
      empty = left === 0 && found.silent.length === 0 ? empty + 1 : 0;
      if (first > 0 || found.silent.length > 0) show(lineOf(version, first, found));
    }
    await sleep(pollMs);
  }
  if (process.stdout.isTTY) process.stdout.write('\n');
}

async function look(session: ReleaseSession, version: string, mayAsk: boolean): Promise<Left> {
  const roster = await takeRoster(session);
  if (mayAsk) await movePlayers(session, roster, version);
  const [sessions, tickets] = await Promise.all([
    countSessions(session, roster),
    countTickets(session, roster, version),
  ]);
  return {
    sessions: sessions.count(version),
    ...tickets.count,
    silent: [...sessions.silent, ...tickets.silent],
  };
}

function lineOf(version: string, first: number, { sessions, tickets, elsewhere, silent }: Left): string {
  const known = `${version}: ${sessions} players, ${tickets} tickets (${elsewhere} wait elsewhere)`;
  if (silent.length === 0) return `${bar(first, sessions + tickets)} ${known}`;
  const sentence = `${silenceOf(silent)}: nobody knows how many players are there`;
  return `${known}; ${sentence}. It is waited for; --force ${version} doesn't.`;
}

/** On a terminal the bar stays on its line; a log gets one line each. */
function show(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${line.slice(0, process.stdout.columns - 1)}`);
  else console.log(line);
}

function bar(first: number, left: number): string {
  const width = 30;
  const done = first === 0 ? width : Math.round((1 - left / first) * width);
  return `[${'#'.repeat(done)}${'.'.repeat(width - done)}]`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
