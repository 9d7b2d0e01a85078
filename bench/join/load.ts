import { tokenOf } from '@ccgame/testing';
import { LightClient } from '../connector/light-client.js';

export interface Load {
  perSecond: number;
  /** From the player's message to the ticket, ms, each. */
  latencies: number[];
  failed: number;
}

interface Asked {
  sentAt: number;
  answered: (isGood: boolean) => void;
}

/** Players on sockets, who ask one thing at a time. */
export class Players {
  private readonly clients: LightClient[] = [];
  private readonly asked = new Map<number, Asked>();
  private counter = 0;

  get count(): number {
    return this.clients.length;
  }

  async open(url: string, count: number): Promise<void> {
    const first = this.clients.length;
    for (let i = first; i < first + count; i += 100) {
      const some = Array.from({ length: Math.min(100, first + count - i) }, (_, k) =>
        this.connect(url, `j${i + k}`),
      );
      this.clients.push(...(await Promise.all(some)));
    }
  }

  /** All of them ask, so many at once. @param data of the n-th player */
  async askAll(route: string, inFlight: number, data: (player: number) => object): Promise<Load> {
    const latencies: number[] = [];
    let [next, failed] = [0, 0];
    const startedAt = performance.now();
    const ask = async (): Promise<void> => {
      for (let player = next++; player < this.clients.length; player = next++) {
        const { isGood, ms } = await this.ask(player, route, data(player));
        if (!isGood) failed += 1;
        latencies.push(ms);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, ask));
    const seconds = (performance.now() - startedAt) / 1000;
    return { perSecond: (this.clients.length - failed) / seconds, latencies, failed };
  }

  close(): void {
    for (const client of this.clients) client.close();
  }

  private ask(player: number, route: string, data: object): Promise<{ isGood: boolean; ms: number }> {
    const timestamp = ++this.counter;
    const sentAt = performance.now();
    return new Promise((resolve) => {
      const answered = (isGood: boolean): void => resolve({ isGood, ms: performance.now() - sentAt });
      this.asked.set(timestamp, { sentAt, answered });
      this.clients[player]?.request(JSON.stringify({ route, data, timestamp }));
    });
  }

  private async connect(url: string, playerId: string): Promise<LightClient> {
    const client = new LightClient({ url, auth: { token: tokenOf(playerId), version: '1.0.0000' } });
    client.onResponse = (timestamp, isGood) => {
      this.asked.get(timestamp)?.answered(isGood);
      this.asked.delete(timestamp);
    };
    return client.open();
  }
}
