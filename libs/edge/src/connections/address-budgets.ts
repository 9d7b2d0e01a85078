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
/** In new connections: one request of long-polling, a bad token, and a connection that is cut off. */
const costs = { webSocket: 1, polling: 0.25, badToken: 4, abuse: 20 };
/** Plain HTTP is what load balancers alone send: one request for so many new connections. */
const connectionsPerPlainHttp = 10;
/** In requests of plain HTTP: one with more behind it, which no health check has. The kernel has much to throw away then. */
const longRequestCost = 10;
const sweepEveryMs = 10_000;

/** The budget of one address at this connector. Its new connections come in turn, so that those of its quiet neighbours come too. */
export class AddressBudget {
  connections = 0;
  private readonly limits: AddressLimits;
  private readonly bucket: TokenBucket;
  /** Apart from the connections: a flood of plain HTTP through a proxy must not keep the proxy's players waiting. */
  private readonly plainHttp: TokenBucket;

  /** @param factor a proxy's connections and rate are so many times the limits */
  constructor(limits: AddressLimits, factor: number) {
    this.limits = { connections: limits.connections * factor, rate: limits.rate * factor };
    this.bucket = new TokenBucket(this.limits.rate, this.limits.rate * burstSeconds);
    const plainRate = this.limits.rate / connectionsPerPlainHttp;
    this.plainHttp = new TokenBucket(plainRate, plainRate * burstSeconds);
  }

  /** Counts a connection. False: there are too many. */
  enter(): boolean {
    if (this.connections >= this.limits.connections) return false;
    this.connections += 1;
    return true;
  }

  /** After how long a new connection's turn comes, ms; undefined: too many wait already. @param isLong more came than the request's head */
  queueUp(kind: 'webSocket' | 'plainHttp' | 'polling', isLong = false): number | undefined {
    const plainCost = isLong ? longRequestCost : 1;
    const [bucket, cost] = kind === 'plainHttp' ? [this.plainHttp, plainCost] : [this.bucket, costs[kind]];
    const waitMs = bucket.spendAhead(cost);
    if (waitMs <= longestWaitMs) return waitMs;
    bucket.giveBack(cost);
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
    return this.connections === 0 && this.bucket.level() >= 1 && this.plainHttp.level() >= 1;
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
    const budget = new AddressBudget(this.limits, isProxy ? proxyFactor : 1);
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
