import { Logger } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { NatsHealth } from '@ccgame/nats';
import { RpcService } from '@ccgame/rpc';
import { within } from '@ccgame/rpc/basics';
import { NatsProblem } from '@ccgame/testing';

const identity = { serverId: 'operator-cli-0', serverType: 'operator', version: 'latest' };
const timeoutMs = 5_000;
/** In this time NATS says that it is there. */
const pongMs = 5_000;

/** The command's own connection: it calls servers as they call each other, and knows when nothing it hears can be trusted. */
export class OperatorRpc {
  readonly calls: RpcService;
  private breaks = 0;

  /** To be made as soon as the connection stands. */
  constructor(readonly nats: NatsConnection) {
    // The break is told by the command that meets it, in its own words.
    Logger.overrideLogger(['fatal']);
    const health = new NatsHealth(nats);
    health.onChange(() => (this.breaks += 1));
    this.calls = new RpcService(nats, health, { identity, timeoutMs });
  }

  /**
   * Runs work whose silence would be taken for "nobody there".
   *
   * @throws NatsProblem when the connection was not there from the beginning to the end
   */
  async unbroken<T>(work: () => Promise<T>): Promise<T> {
    const before = this.breaks;
    const result = await work().catch((error: Error) => error);
    if (before % 2 === 1 || this.breaks !== before || !(await this.isAnswered()))
      throw new NatsProblem('The connection to NATS broke, so that nothing is known of the servers.');
    if (result instanceof Error) throw result;
    return result;
  }

  close(): void {
    this.calls.onApplicationShutdown();
  }

  private async isAnswered(): Promise<boolean> {
    const pong = this.nats.flush().then(
      () => true,
      () => false,
    );
    return within(
      pongMs,
      () => pong,
      () => false,
    );
  }
}
