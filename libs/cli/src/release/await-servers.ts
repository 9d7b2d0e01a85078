import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseTarget, ServerCount, ServerInstance, StartProblem } from './targets/target.js';
import { PatientLook } from './patient-look.js';
import { printNote } from './print-note.js';

const lookEveryMs = 500;
/** A problem is told when it lasts for so long: most of a start's first words are none. */
const tellAfterMs = 3_000;
/** One that lasts by its nature is told again and again: nobody shall think that the command hangs. */
const tellAgainMs = 60_000;
/** How much longer a stop may take than the time that it was given. */
const stopReserveMs = 60_000;

/** The servers that are waited for. */
export interface Waited {
  version: string;
  types: readonly string[];
  /** For how long a server may have a problem before it is given up, ms. */
  patienceMs: number;
}

/** Servers of a version did not become ready. */
export class StartFailed extends Error {}

/**
 * Waits until all servers of a version and some types are ready, and shows how far they are.
 *
 * @throws StartFailed with the servers' own reasons when one has a problem for longer than the patience
 */
export async function awaitReady(target: ReleaseTarget, waited: Waited): Promise<void> {
  const { version, types, patienceMs } = waited;
  const problems = new Problems(patienceMs);
  const line = new Progress();
  const patient = new PatientLook();
  for (; ; await sleep(lookEveryMs)) {
    const servers = await patient.see(() => target.servers());
    if (!servers) continue;
    const counts = servers.counts.filter((one) => one.version === version && types.includes(one.serverType));
    line.show(`${version}: ${types.map((type) => readyOf(type, counts)).join(', ')}`);
    const isThere = (type: string): boolean => counts.some((one) => one.serverType === type);
    if (types.every(isThere) && counts.every(({ ready, wanted }) => ready >= wanted)) return;
    const found = await patient.see(() => target.startProblems(version));
    if (!found) continue;
    const failed = problems.lasting(found);
    if (failed.length > 0) throw new StartFailed(await explain(target, failed));
  }
}

async function explain(target: ReleaseTarget, failed: StartProblem[]): Promise<string> {
  const texts = failed.map(async ({ name, reason }) => {
    const words = (await target.lastWords(name).catch(() => '')).trim();
    return `${name} does not become ready: ${reason}${words && `\n${words.replace(/^/gm, '    ')}`}`;
  });
  return (await Promise.all(texts)).join('\n');
}

/**
 * Waits until a version's servers are gone, and shows who is left. One on a machine that doesn't answer, or that outlives its
 * time by far, is left to the place where it runs, which is said.
 */
export async function awaitGone(target: ReleaseTarget, version: string): Promise<void> {
  const since = performance.now();
  const line = new Progress();
  const patient = new PatientLook();
  for (; ; await sleep(lookEveryMs)) {
    const servers = await patient.see(() => target.servers());
    if (!servers) continue;
    const left = servers.instances.filter((one) => one.version === version);
    const isHopeless = ({ lostNode, stopMs }: ServerInstance): boolean =>
      lostNode !== undefined || performance.now() - since > stopMs + stopReserveMs;
    if (left.every(isHopeless)) {
      for (const instance of left) printNote(`  ${hopeless(instance)}`);
      return;
    }
    line.show(
      `${version}: ${left.map(({ serverId }) => serverId).join(', ')} ${left.length === 1 ? 'is' : 'are'} still stopping`,
    );
  }
}

function hopeless({ serverId, lostNode, stopMs }: ServerInstance): string {
  return lostNode === undefined
    ? `${serverId} was told to stop, and still is there though it has ${stopMs / 1000} s for that; it is not waited for any longer.`
    : `${serverId} is on ${lostNode}, which does not answer: it goes when that machine is back or is removed, and is not waited for.`;
}

function readyOf(type: string, counts: ServerCount[]): string {
  const count = counts.find(({ serverType }) => serverType === type);
  return count ? `${type} ${count.ready}/${count.wanted}` : `${type} not there yet`;
}

/** Tells the problems that last, and knows since when each is there. */
class Problems {
  private readonly since = new Map<string, number>();
  private readonly toldAt = new Map<string, number>();

  constructor(private readonly patienceMs: number) {}

  /** Those of all that are there now which have lasted for too long. */
  lasting(problems: StartProblem[]): StartProblem[] {
    const now = performance.now();
    for (const name of this.since.keys())
      if (!problems.some((one) => one.name === name)) this.since.delete(name);
    return problems.filter((problem) => {
      const since = this.since.get(problem.name) ?? now;
      this.since.set(problem.name, since);
      if (now - since >= tellAfterMs) this.tellProblem(problem, now, since);
      return now - since >= (problem.mayLastMs ?? this.patienceMs);
    });
  }

  private tellProblem({ name, reason, mayLastMs }: StartProblem, now: number, since: number): void {
    const toldAt = this.toldAt.get(`${name} ${reason}`);
    const isAgain = toldAt !== undefined;
    if (isAgain && (mayLastMs === undefined || now - toldAt < tellAgainMs)) return;
    this.toldAt.set(`${name} ${reason}`, now);
    printNote(
      `  ${name}: ${reason}${isAgain ? `, for ${Math.round((now - since) / 60_000)} min by now` : ''}`,
    );
  }
}

/** Prints a line when it changes. */
class Progress {
  private last = '';

  show(text: string): void {
    if (text === this.last) return;
    this.last = text;
    printNote(text);
  }
}
