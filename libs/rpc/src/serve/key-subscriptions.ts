import type { Subscription } from '@nats-io/nats-core';
import type { Handler } from './handler.js';
import type { ServerIdentity } from '../options.js';
import { subjects } from '../wire/subjects.js';
import { checkName } from '../names/check-name.js';

/** The keys that this server owns, and their subscriptions. A lease, elsewhere, decides which server may own which. */
export class KeySubscriptions {
  private readonly owned = new Map<string, Subscription[]>();
  private handlers: readonly Handler[] = [];

  constructor(
    private readonly identity: ServerIdentity,
    private readonly subscribe: (handler: Handler, subject: string) => Subscription,
  ) {}

  /** Keys that were taken before the server listened are served from now on. */
  serveHandlers(handlers: readonly Handler[]): void {
    this.handlers = handlers;
    for (const key of this.owned.keys()) {
      this.owned.set(key, this.openSubscription(key));
    }
  }

  ownKey(key: string): void {
    checkName('key', key);
    if (!this.owned.has(key)) {
      this.owned.set(key, this.openSubscription(key));
    }
  }

  async disownKey(key: string): Promise<void> {
    const subscriptions = this.owned.get(key) ?? [];
    this.owned.delete(key);
    await Promise.all(subscriptions.filter((one) => !one.isClosed()).map((one) => one.drain()));
  }

  subscriptions(): Subscription[] {
    return [...this.owned.values()].flat();
  }

  private openSubscription(key: string): Subscription[] {
    const { serverType, version } = this.identity;
    return this.handlers.map((handler) =>
      this.subscribe(handler, subjects.key(handler.scope, serverType, version, key, handler.name)),
    );
  }
}
