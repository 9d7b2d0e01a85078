import { type Client, connect } from '@ccgame/client';
import type { Game, PushRoutes } from '../../../game/src/contracts.js';
import { tokenOf, untilHolds } from '@ccgame/testing';
import type { Socket } from 'socket.io-client';

type Requests = Game['requests'];
type Matching = Extract<keyof Requests, `matching.${string}`>;

/** A player with the game client's SDK, who keeps all received pushes. */
export class Player {
  private readonly client: Client;
  private readonly pushes: { route: string; data: unknown }[] = [];

  private constructor(
    readonly id: string,
    url: string,
    version: string,
  ) {
    this.client = connect({ url, token: tokenOf(id), version });
    const routes = [
      'matched',
      'match.proposed',
      'match.cancelled',
      'ticket.opened',
      'ticket.closed',
    ] as const;
    for (const route of routes) this.client.on(route, (data) => void this.pushes.push({ route, data }));
  }

  static async open(id: string, url: string, version: string): Promise<Player> {
    const player = new Player(id, url, version);
    await player.client.ready;
    return player;
  }

  ask<R extends Matching>(route: R, data: Requests[R]['payload']): Promise<Requests[R]['result']> {
    return this.client.request(route, data);
  }

  /** Sends to any route, as a client that isn't ours would. */
  askAnything(route: string, data: unknown): Promise<unknown> {
    return this.ask(route as Matching, data as never);
  }

  /** Sends a message as it is written, and gives its answer. */
  async sendRaw(message: string, timestamp: number): Promise<unknown> {
    const { socket } = this;
    const answer = new Promise((resolve) => {
      socket.on('Response', (response: { timestamp?: number }) => {
        if (response.timestamp === timestamp) resolve(response);
      });
    });
    (socket.io.engine as unknown as { send(text: string): void }).send(`2["Request",${message}]`);
    return answer;
  }

  async join(mode: string, more: object = {}): Promise<Requests['matching.user_join_matching']['result']> {
    return this.ask('matching.user_join_matching', { mode, ...more });
  }

  /** As {@link join}, with others who agree to it. */
  async joinWith(others: readonly Player[], mode: string, more: object = {}): ReturnType<Player['join']> {
    await Promise.all(others.map((one) => one.ask('matching.user_join_party', { leader: this.id })));
    return this.join(mode, { ...more, party: others.map(({ id }) => id) });
  }

  status(): Promise<Requests['matching.user_matching_status']['result']> {
    return this.ask('matching.user_matching_status', undefined);
  }

  of<R extends keyof PushRoutes>(route: R): PushRoutes[R][] {
    return this.pushes.filter((push) => push.route === route).map(({ data }) => data as PushRoutes[R]);
  }

  /** The first push of a route; waits for it. */
  async pushed<R extends keyof PushRoutes>(route: R, count = 1): Promise<PushRoutes[R]> {
    await until(() => this.of(route).length >= count, `${this.id} is pushed ${route}`);
    return this.of(route)[count - 1];
  }

  /** Ends the connection without a word, as a dead network does. Resolves when the SDK is back and the session goes on. */
  async reconnect(): Promise<void> {
    // It may be away for less than a look at its state would see.
    const back = new Promise<void>((resolve) => {
      const stop = this.client.on('state', (state) => {
        if (state !== 'online') return;
        stop();
        resolve();
      });
    });
    (this.socket.io.engine.transport as unknown as { ws: { terminate(): void } }).ws.terminate();
    await back;
  }

  close(): void {
    this.client.close();
  }

  private get socket(): Socket {
    return (this.client as unknown as { current: { socket: Socket } }).current.socket;
  }
}

/** Waits for something that no push or event tells. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 30_000,
): Promise<void> {
  await untilHolds(isSo, { seen: () => what, timeoutMs: withinMs, everyMs: 10 });
}
