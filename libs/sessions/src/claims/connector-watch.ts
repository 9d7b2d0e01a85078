import { type NatsConnection, RequestError } from '@nats-io/nats-core';
import type { NatsHealth } from '@ccgame/nats';
import { aliveSubject } from '@ccgame/rpc';

const askMs = 500;
const timeoutMs = 1_000;
/** One that has just come may not be known in all of NATS yet. */
const timesGone = 2;

/**
 * Finds that a connector has died: NATS answers for it at once, as the kernel closed its socket. One that is busy or hangs gives no
 * answer, and counts as there.
 */
export class ConnectorWatch {
  /** By connector how many watched players it has, and how often NATS said that it is gone. */
  private readonly connectors = new Map<string, { players: number; gone: number }>();
  /** Runs while there are any. */
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly onGone: (serverId: string) => void,
  ) {}

  enter(serverId: string | undefined): void {
    if (serverId === undefined) return;
    const known = this.connectors.get(serverId) ?? { players: 0, gone: 0 };
    known.players += 1;
    this.connectors.set(serverId, known);
    this.timer ??= setInterval(() => this.askAll(), askMs);
  }

  leave(serverId: string | undefined): void {
    const known = serverId === undefined ? undefined : this.connectors.get(serverId);
    if (!known || serverId === undefined) return;
    known.players -= 1;
    if (known.players <= 0) this.connectors.delete(serverId);
    if (this.connectors.size === 0) this.close();
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private askAll(): void {
    if (!this.health.connected) return;
    for (const [serverId, known] of this.connectors) void this.ask(serverId, known);
  }

  private async ask(serverId: string, known: { gone: number }): Promise<void> {
    try {
      await this.nats.request(aliveSubject(serverId), undefined, { timeout: timeoutMs });
      known.gone = 0;
    } catch (error) {
      if (!(error instanceof RequestError && error.isNoResponders())) return;
      known.gone += 1;
      if (known.gone >= timesGone) this.onGone(serverId);
    }
  }
}
