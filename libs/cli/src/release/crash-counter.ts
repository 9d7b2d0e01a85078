import type { ServerStats } from './survey.js';

/** One may be an accident. */
const tooMany = 2;

/** A server as it said over NATS which process it is. */
type Heard = Pick<ServerStats, 'serverId' | 'serverType' | 'version' | 'incarnation' | 'podUid'>;

/**
 * Counts servers that came back as another process. One in another pod is no crash, as where its node was drained. A process that
 * dies takes its counts of failed requests along: they say nothing of it.
 */
export class CrashCounter {
  private readonly incarnations = new Map<string, string | undefined>();
  private readonly crashes = new Map<string, number>();

  hear(present: readonly Heard[]): void {
    for (const { serverId, serverType, version, incarnation, podUid } of present) {
      const place = `${serverId} ${podUid}`;
      if (this.incarnations.has(place) && this.incarnations.get(place) !== incarnation) {
        const type = `${version} ${serverType}`;
        this.crashes.set(type, (this.crashes.get(type) ?? 0) + 1);
      }
      this.incarnations.set(place, incarnation);
    }
  }

  /** In a clause: a type of the canary crashed several times, and more often than stable's; what ends those is not the canary's fault. */
  judgeCanary(stable: string, canary: string, types: Iterable<string>): string | undefined {
    for (const type of types) {
      const [own, usual] = [canary, stable].map((version) => this.crashes.get(`${version} ${type}`) ?? 0);
      if (own >= tooMany && own > usual)
        return `its ${type} servers ended and started again ${own} times, stable's ${usual} times`;
    }
    return undefined;
  }
}
