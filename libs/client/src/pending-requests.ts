import type { GatewayResponse, SessionOpened } from '@ccgame/protocol';
import { ClientError } from './errors.js';
import type { Link } from './link.js';
import type { Message } from './message.js';
import { startTimer } from './timer.js';

interface Waiting {
  readonly event: 'Request' | 'Notify';
  readonly message: Message & { timestamp: number };
  readonly resolve: (data: unknown) => void;
  readonly reject: (error: ClientError) => void;
  timer?: ReturnType<typeof setTimeout>;
  /** Where it was sent; none while it waits for a connection. */
  link?: Link;
  /** The session in which it was sent first: its timestamp is its id in there. */
  session?: string;
}

/** Messages on their way: those that wait for a connection, and requests that wait for their answer. */
export class PendingRequests {
  private readonly waiting = new Map<number, Waiting>();
  private queued = 0;

  /**
   * @param timedOut an answer is waited for no more: what was held behind it may go on
   * @param lastTimestamp the highest id that the session has by an earlier page: the device's clock may have been set back since
   */
  constructor(
    private readonly maxQueued: number,
    private readonly timedOut: () => void,
    private lastTimestamp = 0,
  ) {}

  /** The id of the newest message. */
  get lastSent(): number {
    return this.lastTimestamp;
  }

  /** @param current where it is sent, unless an earlier one of its route has to be answered first */
  addRequest(event: Waiting['event'], given: Message, timeoutMs: number, current?: Link): Promise<unknown> {
    const link = current && this.heldRoutes(current).has(given.route) ? undefined : current;
    if (!link && this.queued >= this.maxQueued) return Promise.reject(new ClientError('QUEUE_FULL'));
    const timestamp = (this.lastTimestamp = Math.max(Date.now(), this.lastTimestamp + 1));
    return new Promise((resolve, reject) => {
      const entry: Waiting = { event, message: { ...given, timestamp }, resolve, reject };
      const timeUp = () => {
        this.failRequest(entry, 'TIMEOUT');
        this.timedOut();
      };
      entry.timer = startTimer(timeUp, timeoutMs);
      this.waiting.set(timestamp, entry);
      this.queued += 1;
      if (link) this.sendRequest(entry, link);
    });
  }

  /** False: nobody waits for it. */
  answerRequest({ timestamp, data, error }: GatewayResponse): boolean {
    const entry = timestamp === undefined ? undefined : this.waiting.get(timestamp);
    // An answer to a request that is waiting to be sent again is as good as the second one.
    if (!entry || entry.event !== 'Request') return false;
    this.forgetRequest(entry);
    if (error) entry.reject(new ClientError(error.code, error));
    else entry.resolve(data);
    return true;
  }

  /** Sends what waited for a connection or an earlier answer, in the order in which it was asked. */
  flushQueued(link: Link): void {
    const held = this.heldRoutes(link);
    for (const entry of this.waiting.values()) {
      if (entry.link) continue;
      if (mayBeDoneTwice(entry, link)) this.failRequest(entry, 'CONNECTION_LOST');
      else if (!held.has(entry.message.route)) this.sendRequest(entry, link);
    }
  }

  /** Requests in flight on a lost socket wait for the next one where their contract allows, and fail otherwise. */
  linkLost(link: Link): void {
    for (const entry of this.waiting.values()) {
      if (entry.link !== link) continue;
      if (retryPolicyOf(link.session?.retryPolicies, entry.message.route)) {
        entry.link = undefined;
        this.queued += 1;
      } else this.failRequest(entry, 'CONNECTION_LOST');
    }
  }

  isIdle(link: Link): boolean {
    for (const entry of this.waiting.values()) if (entry.link === link) return false;
    return true;
  }

  failAll(): void {
    for (const entry of this.waiting.values()) this.failRequest(entry, 'CLOSED');
  }

  /**
   * Routes with a request on a socket that was left in a move: there it could be overtaken. Only of those that may be sent again,
   * as the others promise no order.
   */
  private heldRoutes(link: Link): Set<string> {
    const held = new Set<string>();
    for (const { link: on, event, message } of this.waiting.values()) {
      const isElsewhere = on !== undefined && on !== link && event === 'Request';
      if (isElsewhere && retryPolicyOf(link.session?.retryPolicies, message.route)) held.add(message.route);
    }
    return held;
  }

  private sendRequest(entry: Waiting, link: Link): void {
    this.queued -= 1;
    entry.link = link;
    entry.session ??= link.session?.session;
    link.sendMessage(entry.event, entry.message);
    if (entry.event === 'Notify') {
      this.forgetRequest(entry);
      entry.resolve(undefined);
    }
  }

  private failRequest(entry: Waiting, code: string): void {
    this.forgetRequest(entry);
    entry.reject(new ClientError(code));
  }

  private forgetRequest(entry: Waiting): void {
    clearTimeout(entry.timer);
    if (!entry.link) this.queued -= 1;
    this.waiting.delete(entry.message.timestamp);
  }
}

/** In a new session the ids start anew: what was sent as `once` in the old one may have been done there. */
function mayBeDoneTwice({ session, message }: Waiting, { session: current }: Link): boolean {
  if (session === undefined || session === current?.session) return false;
  return retryPolicyOf(current?.retryPolicies, message.route) !== 'safe';
}

/** Own names only: a route may be called `constructor`. */
function retryPolicyOf(
  policies: SessionOpened['retryPolicies'] | undefined,
  route: string,
): string | undefined {
  return policies && Object.prototype.hasOwnProperty.call(policies, route) ? policies[route] : undefined;
}
