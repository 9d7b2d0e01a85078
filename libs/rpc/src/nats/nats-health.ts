import { Inject, Injectable, Logger } from '@nestjs/common';
import { PermissionViolationError, type NatsConnection } from '@nats-io/nats-core';
import { NATS_CONNECTION } from './nats-connection.js';

type Listener = (connected: boolean) => void;

/** Whether the process's connection to NATS is up: readiness reads it, the client fails its calls by it. */
@Injectable()
export class NatsHealth {
  private readonly logger = new Logger('Nats');
  private readonly listeners = new Set<Listener>();
  private readonly deniedListeners = new Set<(subject: string) => void>();
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

  /** Calls `listener` with each subject that NATS didn't let this process publish to. Returns what ends that. */
  onDenied(listener: (subject: string) => void): () => void {
    this.deniedListeners.add(listener);
    return () => this.deniedListeners.delete(listener);
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
        this.tellDenied(status.error);
      }
    }
    this.set(false);
  }

  private tellDenied(error: Error): void {
    if (error instanceof PermissionViolationError && error.operation === 'publish') {
      for (const listener of this.deniedListeners) {
        listener(error.subject);
      }
    }
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
