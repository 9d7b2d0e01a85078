import { setTimeout as sleep } from 'node:timers/promises';
import { endCanary, handshakeRoute, type ReleaseTable } from '@ccgame/releases';
import { CrashCounter } from './crash-counter.js';
import { doubtAbout, judgeCanary } from './guard.js';
import { requireTable } from './require-table.js';
import { type Roster, silenceOf, takeRoster } from './roll-call.js';
import type { ReleaseSession } from './session.js';
import { sum } from './statistics.js';
import { type Sample, surveyTraffic, total, trafficOf, type TrafficSurvey } from './traffic.js';
import { printNote } from './print-note.js';

const lookEveryMs = 2000;
/** A type whose servers don't answer for so many looks is gone; one that is started again is back by then. */
const looksUntilGone = 5;
/** A guard that sees nothing at its end waits for so long to see again. */
const blindMs = 60_000;
const nothing: Sample = { failed: 0, refused: 0, buckets: [] };

/**
 * Compares the canary with stable for a while, and rolls it back by itself when it is worse. A look that fails, as while
 * NATS is away, is left out, but for the last.
 *
 * @throws Error that says why the canary was rolled back, or why the guard could not watch to the end
 */
export async function watchCanary(session: ReleaseSession, version: string, seconds: number): Promise<void> {
  const { table } = await requireTable(session);
  const { roster, traffic } = await firstLook(session);
  const until = performance.now() + seconds * 1000;
  const watch = new CanaryWatch(session, version, {
    table,
    before: traffic,
    roster,
    looks: Math.max(1, Math.ceil((seconds * 1000) / lookEveryMs)),
  });
  printNote(`guarding ${version} against ${table.stable} for ${seconds} s`);
  for (let problem: string | undefined; performance.now() < until || problem;) {
    if (performance.now() > until + blindMs)
      throw new Error(`The guard could not see to the end: ${problem}`);
    await sleep(lookEveryMs);
    const found = await watch.compareNow().catch((error: Error) => error);
    problem = found instanceof Error ? found.message : undefined;
    if (found instanceof Error) printNote(`could not look: ${found.message}`);
    else if (found) throw new Error(found);
  }
  if (watch.compared === 0) throw new Error(nothingSeen(version, table.stable, watch.seen));
  if (watch.doubt) throw new Error(ofOnePlayer(version, watch.doubt));
  printNote(`${version} is no worse than ${table.stable}, by ${watch.compared} requests of its players.`);
}

/** As where players can't reach it: to pass then would tell CI to promote it. */
function nothingSeen(version: string, stable: string, seen: number): string {
  const what =
    seen === 0
      ? `saw no request of ${version}'s players`
      : `saw ${seen} requests of ${version}'s players, but none of ${stable}'s on the same routes`;
  return `The guard ${what}, and has nothing to compare: that says nothing about ${version}. Traffic is as it was. See that players reach it ("ccgame release status", "check"), or watch for longer (--guard-seconds).`;
}

/** To pass would tell CI to promote what nobody else has tried; to roll it back would let one player stop each release. */
function ofOnePlayer(version: string, doubt: string): string {
  return `The guard leaves ${version} to you. One player's requests alone make it worse, on ${doubt}: that may be somebody who wants it rolled back, a client that is broken, or the first who meets a fault. Traffic is as it was: "ccgame release promote ${version}", or "rollback ${version}".`;
}

/** A look at all servers. */
interface Look {
  roster: Roster;
  traffic: TrafficSurvey;
}

/**
 * The counts from which the watch goes on, of every server. Without them all that a server has counted since it started, last night's errors too,
 * would be taken for what the watch saw.
 *
 * @throws Error that says why nothing, or not all, was seen for a minute
 */
async function firstLook(session: ReleaseSession): Promise<Look> {
  for (const until = performance.now() + blindMs; ;) {
    const found = await lookAtAll(session).catch((error: Error) => error);
    if (!(found instanceof Error)) return found;
    if (performance.now() > until)
      throw new Error(`The guard could not begin: ${found.message}`, { cause: found });
    printNote(`could not look: ${found.message}`);
    await sleep(lookEveryMs);
  }
}

/** @throws Error that names the servers which don't answer, or says that NATS doesn't */
async function lookAtAll(session: ReleaseSession): Promise<Look> {
  const roster = await takeRoster(session);
  const { traffic, silent } = await surveyTraffic(session, roster);
  if (silent.length > 0) throw new Error(silenceOf(silent));
  return { roster, traffic };
}

interface WatchStart {
  table: ReleaseTable;
  before: TrafficSurvey;
  roster: Roster;
  /** The most that there are. */
  looks: number;
}

class CanaryWatch {
  /** Requests of the canary's players … */
  seen = 0;
  /** … and those of them on routes that stable's players asked for too. */
  compared = 0;
  /** It is worse by the errors of one player alone, as far as was seen last: how. */
  doubt?: string;
  /** Its own rollback broke off, and the table may have it yet: the last word then. */
  private uncertain?: string;
  /** The canary's, at the start. */
  private readonly types: Set<string>;
  private readonly crashes = new CrashCounter();
  private readonly missedLooks = new Map<string, number>();

  constructor(
    private readonly session: ReleaseSession,
    private readonly version: string,
    private readonly start: WatchStart,
  ) {
    this.types = typesOf(start.roster, version);
    this.crashes.hear(start.roster.present);
  }

  /** @returns why it is at its end: the canary is rolled back then, or somebody else has decided about it */
  async compareNow(): Promise<string | undefined> {
    const { session, version, start } = this;
    const { stable } = (await requireTable(session)).table;
    if (stable !== start.table.stable) return `The guard ends: ${stable} is the stable version by now.`;
    if (!(await this.isCanary()))
      return this.uncertain ?? `The guard ends: ${version} is no canary any more.`;
    const worse = await this.worse(stable);
    if (!worse) return undefined;
    const sentence = `${version} was rolled back: ${worse}.`;
    try {
      await session.change(`guard rolled ${version} back: ${worse}`, endCanary(version));
    } catch (error) {
      // The table has the rollback, now or in a moment, and the routes not yet: the error says how to go on.
      this.uncertain = `${sentence}\n${(error as Error).message}`;
      if (await this.isCanary()) throw error;
      return this.uncertain;
    }
    return sentence;
  }

  private async isCanary(): Promise<boolean> {
    const { canaries } = (await requireTable(this.session)).table;
    return canaries.some(({ version }) => version === this.version);
  }

  private async worse(stable: string): Promise<string | undefined> {
    const { session, version, start } = this;
    const roster = await takeRoster(session);
    const gone = this.missing(typesOf(roster, version));
    if (gone) return `no ${gone} server of it answers any more`;
    this.crashes.hear(roster.present);
    const crashed = this.crashes.judgeCanary(stable, version, this.types);
    if (crashed) return crashed;
    const { traffic: now, silent } = await surveyTraffic(session, roster);
    const canary = trafficOf(version, now, start.before);
    const usual = trafficOf(stable, now, start.before);
    const isCompared = (route: string): boolean => total(usual.get(route) ?? nothing) > 0;
    // Players who come and do nothing prove nothing.
    const asked = [...canary].filter(([route]) => route !== handshakeRoute);
    const routes = asked.map(([route, sample]) => ({ route, requests: total(sample) }));
    this.seen = sum(routes.map(({ requests }) => requests));
    this.compared = sum(routes.filter(({ route }) => isCompared(route)).map(({ requests }) => requests));
    const worse = judgeCanary(usual, canary, start.looks);
    this.doubt = doubtAbout(usual, canary, start.looks);
    // A server that doesn't answer may know something worse.
    if (worse === undefined && silent.length > 0) throw new Error(silenceOf(silent));
    return worse;
  }

  /** A type that had servers at the start and has had none for some looks. */
  private missing(types: Set<string>): string | undefined {
    for (const type of this.types) {
      const missed = types.has(type) ? 0 : (this.missedLooks.get(type) ?? 0) + 1;
      this.missedLooks.set(type, missed);
      if (missed >= looksUntilGone) return type;
    }
    return undefined;
  }
}

function typesOf({ present }: Roster, version: string): Set<string> {
  return new Set(present.filter((server) => server.version === version).map(({ serverType }) => serverType));
}
