import { Inject, Injectable, Logger } from '@nestjs/common';
import { headers, type MsgHdrs, PermissionViolationError, type NatsConnection } from '@nats-io/nats-core';
import { hasJetStream } from './has-jetstream.js';
import { metrics } from './metrics.js';
import { NATS_CONNECTION } from './nats-connection.js';
import { StorageHealth } from './storage-health.js';
import { StreamDeletions } from './stream-deletions.js';

/** A file system gives space by 4 KB: a message that fits into what a stream has already does not show that it is full. */
const paddingBytes = 4_096;

type Listener = (connected: boolean) => void;

/** Whether the process's connection to NATS is up: readiness reads it, the client fails its calls by it. */
@Injectable()
export class NatsHealth {
  private readonly logger = new Logger('Nats');
  private readonly listeners = new Set<Listener>();
  private readonly deniedListeners = new Set<(subject: string) => void>();
  private up = true;
  /** The streams and buckets that are missing, while NATS itself is there. */
  readonly storage = new StorageHealth();
  /** The streams that are deleted while this process runs. */
  readonly deletions: StreamDeletions;

  constructor(@Inject(NATS_CONNECTION) private readonly nats: NatsConnection) {
    this.deletions = new StreamDeletions(nats);
    metrics.connected.set(1);
    void this.watchStatus(nats);
  }

  get connected(): boolean {
    return this.up;
  }

  /** For good: this process stops. */
  get isClosed(): boolean {
    return this.nats.isClosed();
  }

  /** Whether the server that this process is connected to says that it has JetStream. */
  get hasJetStream(): boolean {
    return hasJetStream(this.nats);
  }

  /** Whether the server that this process is connected to is one of several. */
  get isClustered(): boolean {
    return Boolean(this.nats.info?.cluster);
  }

  /** Stores a message that is empty but for its padding. @throws Error when it is not stored within so many ms, or nobody knows */
  async write(subject: string, timeoutMs: number): Promise<void> {
    const answer = await this.nats.request(subject, '', { timeout: timeoutMs, headers: padding() });
    const { error } = answer.json<{ error?: { description?: string } }>();
    if (error) throw new Error(error.description ?? 'The message was refused');
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
  private async watchStatus(nats: NatsConnection): Promise<void> {
    for await (const status of nats.status()) {
      if (status.type === 'disconnect' || status.type === 'reconnect') {
        this.setConnected(status.type === 'reconnect', status.server);
      } else if (status.type === 'error') {
        const isDenied = status.error instanceof PermissionViolationError;
        const remedy = isDenied
          ? 'give the right to the NATS user, in k8s/nats/accounts/accounts.yaml'
          : undefined;
        this.logger.error({ event: 'nats.error', reason: status.error.message, remedy });
        this.tellDenied(status.error);
      }
    }
    this.setConnected(false);
  }

  private tellDenied(error: Error): void {
    if (!(error instanceof PermissionViolationError)) return;
    metrics.denied.inc({ operation: error.operation });
    if (error.operation === 'publish') {
      for (const listener of this.deniedListeners) this.tell(() => listener(error.subject));
    }
  }

  private setConnected(up: boolean, server?: string): void {
    if (this.up === up) {
      return;
    }
    this.up = up;
    metrics.connected.set(up ? 1 : 0);
    if (up) metrics.reconnects.inc();
    this.logger.log({ event: up ? 'nats.reconnected' : 'nats.disconnected', server });
    for (const listener of this.listeners) this.tell(() => listener(up));
  }

  /** A listener that throws must neither keep the others from hearing, nor leave this process without knowledge of its connection. */
  private tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.logger.error({ event: 'nats.listener.failed', err: error });
    }
  }
}

/** As a header, since readers take an empty message for none. */
function padding(): MsgHdrs {
  const given = headers();
  given.set('Padding', '.'.repeat(paddingBytes));
  return given;
}
