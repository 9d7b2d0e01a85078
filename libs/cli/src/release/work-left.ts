import { TableError } from '@ccgame/releases';
import type { HandlerContract } from '@ccgame/rpc';
import { leftBehindHandler, type TriedWork, type WorkItem, workLeftHandler } from '@ccgame/server/operations';
import type { Counted } from './players-of.js';
import { callRolls, type Roll, type Roster, silenceOf, takeRoster } from './roll-call.js';
import type { ReleaseSession } from './session.js';
import { printNote } from './print-note.js';

type Session = Pick<ReleaseSession, 'operator' | 'target' | 'without'>;

/** The work that a version's servers of all types still hold; kinds of one name are added up. */
export async function countWork(
  session: Session,
  roster: Roster,
  version: string,
): Promise<Counted<WorkItem[]>> {
  const { answers, silent } = await askVersion(session, roster, version, workLeftHandler, undefined);
  const kinds = new Map<string, WorkItem>();
  for (const { name, count, longestMs } of answers.flatMap(({ data }) => data.items)) {
    const sum = kinds.get(name) ?? { name, count: 0, longestMs: 0 };
    kinds.set(name, {
      name,
      count: sum.count + count,
      longestMs: Math.max(sum.longestMs, longestMs),
    });
  }
  return { count: [...kinds.values()], silent };
}

/** `3 table rooms, the longest 4 min; 2 clan entities, the longest 10 s`; nothing: `none` */
export function workIn(items: readonly WorkItem[]): string {
  const texts = items.map(
    ({ name, count, longestMs }) => `${count} ${name}, the longest ${lengthOf(longestMs)}`,
  );
  return texts.join('; ') || 'none';
}

/**
 * Looks whether a version could go on with what another one has. Nothing is changed.
 *
 * @param waits what a server that can't say has is waited for afterwards: it is told of, and keeps nobody from going on
 * @throws TableError with what would stay behind, and with the servers that don't answer
 */
export async function assertTaken(session: Session, from: string, to: string, waits = false): Promise<void> {
  const { problems, silent } = await findLeftBehind(session, from, to);
  if (waits) for (const sentence of silent) note(sentence);
  const refused = waits ? problems : [...silent, ...problems];
  if (refused.length === 0) return;
  throw new TableError([...refused, 'Nothing was changed. --leave-behind leaves them where they are.']);
}

/** The way back is barred to nobody: what can't go along stays in its version, and runs there. */
export async function warnOfLeftBehind(session: Session, from: string, to: string): Promise<void> {
  try {
    const { problems, silent } = await findLeftBehind(session, from, to);
    for (const problem of [...silent, ...problems]) note(problem);
  } catch (error) {
    note(`Nobody knows what of ${from} stays behind: ${(error as Error).message}`);
  }
}

/** In sentences: what could not go along, and which servers could not be asked. */
interface LeftBehind {
  problems: string[];
  silent: string[];
}

async function findLeftBehind(session: Session, from: string, to: string): Promise<LeftBehind> {
  const roster = await takeRoster(session);
  const { answers, silent } = await askVersion(session, roster, from, leftBehindHandler, { version: to });
  for (const { name, tried, of } of addUp(answers.flatMap(({ data }) => data.tried ?? [])))
    note(`tried ${counted(tried)} of ${counted(of)} ${name} in ${from}`);
  return {
    problems: [...new Set(answers.flatMap(({ data }) => data.problems))],
    silent:
      silent.length > 0 ? [`${silenceOf(silent)}: nobody knows whether what they have can go along.`] : [],
  };
}

function addUp(all: readonly TriedWork[]): TriedWork[] {
  const kinds = new Map<string, TriedWork>();
  for (const { name, tried, of } of all) {
    const sum = kinds.get(name) ?? { name, tried: 0, of: 0 };
    kinds.set(name, { name, tried: sum.tried + tried, of: sum.of + of });
  }
  return [...kinds.values()];
}

/** `12,000` */
const counted = (count: number): string => count.toLocaleString('en');

function note(sentence: string): void {
  printNote(`note: ${sentence}`);
}

/** Servers that answer but have no such handler are of an older build, and have none. */
async function askVersion<P, R>(
  session: Session,
  roster: Roster,
  version: string,
  handlerOf: (serverType: string) => HandlerContract<P, R>,
  payload: NoInfer<P>,
): Promise<Roll<R>> {
  const expected = roster.expected.filter((server) => server.version === version);
  const types = [...new Set(expected.map(({ serverType }) => serverType))];
  const roll = await callRolls(session, { ...roster, expected }, types.map(handlerOf), payload);
  const present = new Set(roster.present.map(({ serverId }) => serverId));
  const silent = roll.silent.filter(
    ({ serverId, reason }) => reason !== 'NO_SERVER' || !present.has(serverId),
  );
  return { ...roll, silent };
}

function lengthOf(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s`;
  return ms < 5_400_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
