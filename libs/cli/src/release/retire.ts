import { setTimeout as sleep } from 'node:timers/promises';
import { drainVersion, parseTable, retireVersion, TableError } from '@ccgame/releases';
import type { WorkItem } from '@ccgame/server/operations';
import { NatsProblem } from '@ccgame/testing';
import { awaitGone } from './await-servers.js';
import { followNewest } from './follow-newest.js';
import { PatientLook } from './patient-look.js';
import { requireTable } from './require-table.js';
import { countSessions, countTickets, movePlayers } from './players-of.js';
import { oneEach, type SilentServer, silenceOf, takeRoster } from './roll-call.js';
import type { ReleaseSession } from './session.js';
import { tellingInterrupted } from './telling-interrupted.js';
import { assertTaken, countWork, workIn } from './work-left.js';
import { printStatus } from './views.js';
import { ProgressLine } from './progress-line.js';

const pollMs = 500;
/** Every server has seen a table by then. */
const seenMs = 1000;
/** Players that have not moved by then are asked again. */
const askAgainMs = 10_000;
/** A player may be between two connectors: one look at nobody is no proof. */
const emptyLooks = 3;

/** The options of `ccgame release retire`. */
export interface RetireOptions {
  /** The version once more: then nobody is waited for; its servers still drain when they are stopped. */
  force?: string;
  /** For so long the last player and the last room are waited for. Default: as long as it takes. */
  waitSeconds?: number;
  /** Also where what its servers have could not go on in stable. */
  leaveBehind: boolean;
}

/**
 * Drains a version, moves its players to the version that the table gives them, waits until it has none, no ticket of its own and
 * no work left, and removes its servers. Its tickets are matched by the servers of the version that the table names, from the
 * moment when they see the table. A server that doesn't answer is waited for: nobody knows what it has.
 */
export async function retire(
  session: ReleaseSession,
  version: string,
  { force, waitSeconds = Infinity, leaveBehind }: RetireOptions,
): Promise<void> {
  if (force !== undefined && force !== version)
    throw new TableError([`--force names ${force}; to mean it, name ${version}.`]);
  let drained = await requireTable(session);
  const { table } = drained;
  const state = table.versions[version]?.state;
  if (state !== 'draining') {
    const heir = drainVersion(version)(table).versions[version]?.movesTo;
    const isChecked = state === 'live' && force === undefined && !leaveBehind;
    if (heir && isChecked) await assertTaken(session, version, heir, true);
    drained = await session.change(`retire ${version}`, drainVersion(version));
  }
  const assertDraining = (): Promise<void> => assertStillDraining(session, version, drained.revision);
  await sleep(seenMs);
  if (force === undefined) {
    const goesOn = `${version} drains on: nobody new gets it, and its servers run. The same command once more waits for its end and removes it.`;
    await tellingInterrupted(goesOn, () => untilEmpty(session, version, { waitSeconds, assertDraining }));
  }
  // A change that the table would refuse is refused while the servers still run.
  const stored = await requireTable(session);
  parseTable(retireVersion(version)(stored.table));
  // An earlier command may have changed the table, and not the routes: the main one may lead to these servers still.
  const { instances } = await session.target.servers();
  if (instances.some((one) => one.version === version)) await followNewest(session, stored);
  await session.target.stop(version, assertDraining);
  await awaitGone(session.target, version);
  await session.change(`retired ${version}`, retireVersion(version));
  await printStatus(session);
}

/**
 * Somebody may take the retirement back by a rollback: its servers stay then, and its routes are written again, if they are gone by now.
 *
 * @param since the revision of a table in which it drains: a replica of NATS that is behind may show an older one
 * @throws TableError
 */
async function assertStillDraining(session: ReleaseSession, version: string, since: number): Promise<void> {
  const stored = await requireTable(session);
  const state = stored.table.versions[version]?.state;
  if (state === 'draining' || stored.revision < since) return;
  await followNewest(session, stored);
  const how =
    state === 'retired' ? 'by another command' : 'its retirement was taken back, and its servers run on';
  throw new TableError([`${version} is ${state} by now: ${how}.`]);
}

interface Left {
  sessions: number;
  tickets: number;
  elsewhere: number;
  work: WorkItem[];
  silent: SilentServer[];
}

/** @throws Error when the time is up: the version drains on; TableError when it does not drain any more */
async function untilEmpty(
  session: ReleaseSession,
  version: string,
  { waitSeconds, assertDraining }: { waitSeconds: number; assertDraining: () => Promise<void> },
): Promise<void> {
  const endsAt = performance.now() + waitSeconds * 1_000;
  let [first, askedAt, empty] = [0, -Infinity, 0];
  const patient = new PatientLook();
  const progress = new ProgressLine();
  while (empty < emptyLooks) {
    await assertDraining().catch((error: Error) => {
      if (error instanceof TableError) throw error;
    });
    const mayAsk = performance.now() - askedAt > askAgainMs;
    if (mayAsk) askedAt = performance.now();
    // NATS may be away for a moment: that says nothing about players.
    const found = await patient
      .see(() => countLeft(session, version, mayAsk))
      .catch((error: Error) => {
        if (error instanceof NatsProblem) return error;
        throw error;
      });
    if (!found || found instanceof NatsProblem) {
      empty = 0;
      progress.show(`${found?.message ?? 'The cluster does not answer.'} Looking again.`);
    } else {
      const left = leftIn(found);
      first = Math.max(first, left);
      empty = left === 0 && found.silent.length === 0 ? empty + 1 : 0;
      if (first > 0 || found.silent.length > 0) progress.show(lineOf(version, first, found));
    }
    if (empty === 0 && performance.now() > endsAt) throw timeIsUp(version, waitSeconds, found);
    await sleep(pollMs);
  }
  progress.endLine();
}

function leftIn({ sessions, tickets, work }: Left): number {
  return work.reduce((sum, { count }) => sum + count, sessions + tickets);
}

function timeIsUp(version: string, waitSeconds: number, found: Left | Error | undefined): Error {
  const isKnown = found && !(found instanceof Error);
  const left = isKnown
    ? `${found.sessions} players, ${found.tickets} tickets, work: ${workIn(found.work)}${unknownIn(found.silent)}`
    : 'nobody knows what';
  return new Error(
    `${version} still has after ${waitSeconds} s: ${left}. It drains on and nobody new gets it; the same command waits again.`,
  );
}

async function countLeft(session: ReleaseSession, version: string, mayAsk: boolean): Promise<Left> {
  const roster = await takeRoster(session);
  if (mayAsk) await movePlayers(session, roster, version);
  const [sessions, tickets, work] = await Promise.all([
    countSessions(session, roster),
    countTickets(session, roster, version),
    countWork(session, roster, version),
  ]);
  return {
    sessions: sessions.count(version),
    ...tickets.count,
    work: work.count,
    silent: oneEach([...sessions.silent, ...tickets.silent, ...work.silent]),
  };
}

function lineOf(version: string, first: number, found: Left): string {
  const { sessions, tickets, elsewhere, work, silent } = found;
  const players = `${version}: ${sessions} players, ${tickets} tickets (${elsewhere} wait elsewhere)`;
  const known = work.length > 0 ? `${players}, ${workIn(work)}` : players;
  if (silent.length === 0) return `${bar(first, leftIn(found))} ${known}`;
  return `${known}${unknownIn(silent)}. It is waited for; --force ${version} doesn't.`;
}

/** To be added to what is known; nothing where all servers answered. */
function unknownIn(silent: readonly SilentServer[]): string {
  return silent.length === 0 ? '' : `; ${silenceOf(silent)}: nobody knows how many players are there`;
}

function bar(first: number, left: number): string {
  const width = 30;
  const done = first === 0 ? width : Math.round((1 - left / first) * width);
  return `[${'#'.repeat(done)}${'.'.repeat(width - done)}]`;
}
