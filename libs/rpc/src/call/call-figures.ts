import { codeLabel } from '../metrics/code-label.js';
import { DurationFigures } from '../metrics/duration-figures.js';
import type { Route } from './route.js';

/** The results of the calls to one handler. */
export class CallStats {
  readonly results = new Map<string, number>();
  readonly durations = new DurationFigures();

  constructor(readonly labels: { to: string; handler: string }) {}

  recordCall(result: string, ms: number): void {
    const label = codeLabel(result);
    this.results.set(label, (this.results.get(label) ?? 0) + 1);
    this.durations.recordDuration(ms);
  }
}

/**
 * The figures of the calls that a process makes, by server type and handler. Both may come from a player's message, so only
 * those are told apart that a server has answered for: a process then keeps no more than there are handlers.
 */
export class CallFigures {
  private readonly other = new CallStats({ to: 'other', handler: 'other' });
  private readonly byType = new Map<string, Map<string, CallStats>>();

  /** @param isAnswered by a server: it has the handler */
  recordCall(route: Route, isAnswered: boolean, result: string, ms: number): void {
    const to = route.serverType ?? typeOfId(route.serverId as string);
    const stats =
      this.byType.get(to)?.get(route.handler) ?? (isAnswered ? this.addHandler(to, route) : this.other);
    stats.recordCall(result, ms);
  }

  *listStats(): Iterable<CallStats> {
    yield this.other;
    for (const handlers of this.byType.values()) yield* handlers.values();
  }

  private addHandler(to: string, { handler }: Route): CallStats {
    const handlers = this.byType.get(to) ?? new Map<string, CallStats>();
    const stats = new CallStats({ to, handler });
    this.byType.set(to, handlers.set(handler, stats));
    return stats;
  }
}

/** An id begins with its type (decision 004). */
function typeOfId(serverId: string): string {
  return serverId.split('-', 1)[0];
}
