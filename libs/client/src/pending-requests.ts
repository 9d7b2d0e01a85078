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
  private lastTimestamp = 0;
  private queued = 0;

  constructor(private readonly maxQueued: number) {}

  addRequest(event: Waiting['event'], given: Message, timeoutMs: number, link?: Link): Promise<unknown> {
    if (!link && this.queued >= this.maxQueued) return Promise.reject(new ClientError('QUEUE_FULL'));
    const timestamp = (this.lastTimestamp = Math.max(Date.now(), this.lastTimestamp + 1));
    return new Promise((resolve, reject) => {
      const entry: Waiting = { event, message: { ...given, timestamp }, resolve, reject };
      entry.timer = startTimer(() => this.failRequest(entry, 'TIMEOUT'), timeoutMs);
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

  /** Sends what waited for a connection, in the order in which it was asked. */
  flushQueued(link: Link): void {
    for (const entry of this.waiting.values()) if (!entry.link) this.sendRequest(entry, link);
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

  /** In a new session the ids start anew: what was sent as `once` in the old one may have been done there. */
  newSession({ session, retryPolicies }: SessionOpened): void {
    for (const entry of this.waiting.values()) {
      const wasSent = entry.session !== undefined && entry.session !== session;
      if (wasSent && !entry.link && retryPolicyOf(retryPolicies, entry.message.route) !== 'safe')
        this.failRequest(entry, 'CONNECTION_LOST');
    }
  }

  isIdle(link: Link): boolean {
    for (const entry of this.waiting.values()) if (entry.link === link) return false;
    return true;
  }

  failAll(): void {
    for (const entry of this.waiting.values()) this.failRequest(entry, 'CLOSED');
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

/** Own names only: a route may be called `constructor`. */
function retryPolicyOf(
  policies: SessionOpened['retryPolicies'] | undefined,
  route: string,
): string | undefined {
  return policies && Object.prototype.hasOwnProperty.call(policies, route) ? policies[route] : undefined;
}
