import type { NatsConnection, Subscription } from '@nats-io/nats-core';

const prefix = '$JS.EVENT.ADVISORY.STREAM.DELETED.';

/**
 * Hears from NATS that a stream was deleted, on one subscription for all who want to know. It is a hint: an advisory is sent once, and
 * nobody says whether it came, so each listener looks by itself too, now and then.
 */
export class StreamDeletions {
  private readonly listeners = new Map<string, Set<() => void>>();
  private subscription?: Subscription;
  private isRefused = false;

  constructor(private readonly nats: NatsConnection) {}

  /** False: NATS does not let this server's user hear them. */
  get areHeard(): boolean {
    return !this.isRefused;
  }

  /** Calls `listener` each time when that stream was deleted. Returns what ends that. */
  onDeleted(stream: string, listener: () => void): () => void {
    const listeners = this.listeners.get(stream) ?? new Set();
    this.listeners.set(stream, listeners.add(listener));
    this.subscription ??= this.subscribe();
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.listeners.get(stream) !== listeners) return;
      this.listeners.delete(stream);
      if (this.listeners.size === 0) this.endSubscription();
    };
  }

  private subscribe(): Subscription | undefined {
    if (this.nats.isClosed()) return undefined;
    return this.nats.subscribe(`${prefix}*`, {
      callback: (error, message) => {
        if (error) this.isRefused = true;
        else for (const tell of this.listeners.get(message.subject.slice(prefix.length)) ?? []) tell();
      },
    });
  }

  private endSubscription(): void {
    this.subscription?.unsubscribe();
    this.subscription = undefined;
  }
}
