import { TokenBucket } from '../limits/token-bucket.js';
import type { ClientAddress } from '@ccgame/server';

/** The limits of one address; see docs/environment.md. */
export interface AddressLimits {
  /** Connections at a time. */
  connections: number;
  /** New connections and requests a second. */
  rate: number;
}

/** So many seconds' worth may come at once: the players of one house, school or carrier come back together. */
const burstSeconds = 5;
/** A connection waits no longer for its turn, ms. */
const longestWaitMs = 2_000;
/** A proxy that names nobody stands for so many addresses. */
const proxyFactor = 10;
/**
 * In new connections: a request of plain HTTP, which load balancers alone send, one of long-polling, a bad token, and a connection that is
 * cut off.
 */
const costs = { webSocket: 1, plainHttp: 10, polling: 0.25, badToken: 4, abuse: 20 };
const sweepEveryMs = 10_000;

/** The budget of one address at this connector. Its new connections come in turn, so that those of its quiet neighbours come too. */
export class AddressBudget {
  connections = 0;
  private readonly bucket: TokenBucket;

  constructor(private readonly limits: AddressLimits) {
    this.bucket = new TokenBucket(limits.rate, limits.rate * burstSeconds);
  }

  /** Counts a connection. False: there are too many. */
  enter(): boolean {
    if (this.connections >= this.limits.connections) return false;
    this.connections += 1;
    return true;
  }

  /** After how long a new connection's turn comes, ms; undefined: too many wait already. */
  queueUp(kind: 'webSocket' | 'plainHttp' | 'polling'): number | undefined {
    const waitMs = this.bucket.spendAhead(costs[kind]);
    if (waitMs <= longestWaitMs) return waitMs;
    this.bucket.giveBack(costs[kind]);
    return undefined;
  }

  /** Lets those that come next wait longer, but never so long that they are refused for it alone. */
  spendOffence(kind: 'badToken' | 'abuse'): void {
    const mostMs = longestWaitMs / 2;
    const waitMs = this.bucket.spendAhead(costs[kind]);
    if (waitMs > mostMs)
      this.bucket.giveBack(Math.min(costs[kind], ((waitMs - mostMs) * this.limits.rate) / 1000));
  }

  get isIdle(): boolean {
    return this.connections === 0 && this.bucket.level() >= 1;
  }
}

/** The budgets of all addresses that have used them lately. */
export class AddressBudgets {
  private readonly byKey = new Map<string, AddressBudget>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly limits: AddressLimits) {
    this.timer = setInterval(() => this.forgetIdle(), sweepEveryMs).unref();
  }

  budgetOf({ key, isProxy }: ClientAddress): AddressBudget {
    const found = this.byKey.get(key);
    if (found) return found;
    const { connections, rate } = this.limits;
    const factor = isProxy ? proxyFactor : 1;
    const budget = new AddressBudget({ connections: connections * factor, rate: rate * factor });
    this.byKey.set(key, budget);
    return budget;
  }

  close(): void {
    clearInterval(this.timer);
  }

  private forgetIdle(): void {
    for (const [key, budget] of this.byKey) if (budget.isIdle) this.byKey.delete(key);
  }
}
