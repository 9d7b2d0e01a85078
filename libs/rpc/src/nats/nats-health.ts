import { Inject, Injectable, Logger } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { NATS_CONNECTION } from './nats-connection.js';

type Listener = (connected: boolean) => void;

/** Whether the process's connection to NATS is up: readiness reads it, the client fails its calls by it. */
@Injectable()
export class NatsHealth {
  private readonly logger = new Logger('Nats');
  private readonly listeners = new Set<Listener>();
  private up = true;

  constructor(@Inject(NATS_CONNECTION) nats: NatsConnection) {
    void this.watch(nats);
  }

  get connected(): boolean {
    return this.up;
  }

  /** Calls `listener` at each change. Returns what ends that. */
  onChange(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when NATS is there, or after so many ms anyway. */
  waitUntilConnected(timeoutMs: number): Promise<void> {
    if (this.up) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        stop();
        resolve();
      };
      const timer = setTimeout(end, timeoutMs);
      const stop = this.onChange(end);
    });
  }

  /** Ends by itself when the connection is closed. */
  private async watch(nats: NatsConnection): Promise<void> {
    for await (const status of nats.status()) {
      if (status.type === 'disconnect' || status.type === 'reconnect') {
        this.set(status.type === 'reconnect', status.server);
      } else if (status.type === 'error') {
        this.logger.error({ event: 'nats.error', reason: status.error.message });
      }
    }
    this.set(false);
  }

  private set(up: boolean, server?: string): void {
    if (this.up === up) {
      return;
    }
    this.up = up;
    this.logger.log({ event: up ? 'nats.reconnected' : 'nats.disconnected', server });
    for (const listener of this.listeners) {
      listener(up);
    }
  }
}
