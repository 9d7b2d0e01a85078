import { type NatsConnection, RequestError, type Subscription } from '@nats-io/nats-core';

/** The servers of which one watches the next. */
export interface NeighbourWatchOptions {
  nats: NatsConnection;
  serverId: string;
  /** Each server answers on a subject below this one. */
  subject: string;
  /** Ids of the servers that live, this one among them. */
  members: () => string[];
  /** NATS says that nobody is there any more. */
  onGone: (serverId: string) => void;
}

const askMs = 150;
/** A server that has just come may not be known in all of NATS yet. */
const timesGone = 2;
const timeoutMs = 1_000;

/**
 * Each server asks the next one whether it lives. NATS answers for a process that has died at once, as the kernel closed its
 * socket; one that is busy or hangs gives no answer, and is left to its beacons.
 */
export class NeighbourWatch {
  private readonly subscription: Subscription;
  /** Runs while there are others. */
  private timer?: NodeJS.Timeout;
  private asked?: string;
  private times = 0;

  constructor(private readonly options: NeighbourWatchOptions) {
    const { nats, serverId } = options;
    this.subscription = nats.subscribe(this.subjectOf(serverId), {
      callback: (error, message) => {
        if (!error) message.respond();
      },
    });
  }

  /** To be called when a server came or went. */
  membersChanged(): void {
    if (this.neighbour() === undefined || this.subscription.isClosed()) this.stopAsking();
    else this.timer ??= setInterval(() => void this.askNext(), askMs);
  }

  /** Whether NATS says that a server is gone. */
  async isGone(serverId: string): Promise<boolean> {
    try {
      await this.options.nats.request(this.subjectOf(serverId), undefined, { timeout: timeoutMs });
      return false;
    } catch (error) {
      return error instanceof RequestError && error.isNoResponders();
    }
  }

  close(): void {
    this.stopAsking();
    this.subscription.unsubscribe();
  }

  private stopAsking(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async askNext(): Promise<void> {
    const next = this.neighbour();
    if (next !== this.asked) [this.asked, this.times] = [next, 0];
    if (next === undefined) return;
    const isGone = await this.isGone(next);
    if (next !== this.asked) return;
    this.times = isGone ? this.times + 1 : 0;
    if (this.times >= timesGone) this.options.onGone(next);
  }

  /** In a ring of all ids, so that each server is asked by one other. */
  private neighbour(): string | undefined {
    const { serverId, members } = this.options;
    const others = members().filter((id) => id !== serverId);
    others.sort();
    return others.find((id) => id > serverId) ?? others[0];
  }

  private subjectOf(serverId: string): string {
    return `${this.options.subject}.${serverId}`;
  }
}
