import { endCanary, type ReleaseTable } from '#releases';
import { judgeCanary } from './guard.js';
import { requireTable } from './require-table.js';
import type { ReleaseSession } from './session.js';
import { surveyServers } from './survey.js';
import { surveyTraffic, total, trafficOf, type TrafficSurvey } from './traffic.js';

const lookEveryMs = 2000;
/** A type whose servers don't answer for so many looks is gone; one that is started again is back by then. */
const looksUntilGone = 5;

/**
 * Compares the canary with stable for a while, and rolls it back by itself when it is worse. A look that fails, as while
 * NATS is away, is left out.
 *
 * @throws Error that says why it was rolled back
 */
export async function watchCanary(session: ReleaseSession, version: string, seconds: number): Promise<void> {
  const { table } = await requireTable(session);
  const until = Date.now() + seconds * 1000;
  const watch = new CanaryWatch(session, version, {
    table,
    before: await surveyTraffic(session.nats),
    types: await typesOf(session, version),
    looks: Math.max(1, Math.ceil((seconds * 1000) / lookEveryMs)),
  });
  console.log(`guarding ${version} against ${table.stable} for ${seconds} s`);
  while (Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(lookEveryMs, until - Date.now())));
    const finding = await watch.look().catch((error: Error) => {
      console.log(`could not look: ${error.message}`);
      return undefined;
    });
    if (finding?.over) return console.log(`The guard ends: ${finding.over}.`);
    if (finding?.worse) {
      await session.change(`guard rolled ${version} back: ${finding.worse}`, endCanary(version));
      throw new Error(`${version} was rolled back: ${finding.worse}.`);
    }
  }
  console.log(`${version} is no worse than ${table.stable}, by ${watch.seen} requests of its players.`);
}

interface WatchStart {
  table: ReleaseTable;
  before: TrafficSurvey;
  types: Set<string>;
  /** The most that there are. */
  looks: number;
}

interface Finding {
  /** There is nothing to guard any more. */
  over?: string;
  worse?: string;
}

class CanaryWatch {
  /** Requests of the canary's players. */
  seen = 0;
  private readonly missedLooks = new Map<string, number>();

  constructor(
    private readonly session: ReleaseSession,
    private readonly version: string,
    private readonly start: WatchStart,
  ) {}

  async look(): Promise<Finding> {
    const { session, version, start } = this;
    const { stable, canaries } = (await requireTable(session)).table;
    if (stable !== start.table.stable) return { over: `${stable} is the stable version by now` };
    if (!canaries.some((canary) => canary.version === version))
      return { over: `${version} is no canary now` };
    const gone = this.missing(await typesOf(session, version));
    if (gone) return { worse: `no ${gone} server of it answers any more` };
    const now = await surveyTraffic(session.nats);
    const canary = trafficOf(version, now, start.before);
    this.seen = [...canary.values()].reduce((seen, sample) => seen + total(sample), 0);
    return { worse: judgeCanary(trafficOf(stable, now, start.before), canary, start.looks) };
  }

  /** A type that had servers at the start and has had none for some looks. */
  private missing(types: Set<string>): string | undefined {
    for (const type of this.start.types) {
      const missed = types.has(type) ? 0 : (this.missedLooks.get(type) ?? 0) + 1;
      this.missedLooks.set(type, missed);
      if (missed >= looksUntilGone) return type;
    }
    return undefined;
  }
}

async function typesOf({ nats }: ReleaseSession, version: string): Promise<Set<string>> {
  const servers = await surveyServers(nats);
  return new Set(servers.filter((server) => server.version === version).map(({ serverType }) => serverType));
}
