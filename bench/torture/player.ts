import { type Client, ClientError, connect } from '#client';
import { tokenOf } from '#testing';
import type { Told } from './checker.js';

export interface Ledger {
  asked: string[];
  ends: { id: string; isError: boolean }[];
  /** How long each break lasted, ms. */
  resumesMs: number[];
  /** The longest silence of each player, ms. */
  moves: number;
  errors: Map<string, number>;
}

/** One player with the SDK: writes down what he is told and what comes of his requests. */
export class TorturedPlayer {
  readonly told: Told[] = [];
  longestSilenceMs = 0;
  private readonly client: Client;
  private lastPushAt = performance.now();
  private brokeAt?: number;
  private counter = 0;

  constructor(
    readonly playerId: string,
    url: string,
    private readonly ledger: Ledger,
  ) {
    this.client = connect({ url, token: () => tokenOf(playerId), timeoutMs: 30_000 });
    this.client.on('tick' as never, (number: number) => this.tick(number));
    this.client.on('notRecovered', () => this.told.push('gap'));
    this.client.on('moved', () => (ledger.moves += 1));
    this.client.on('error', ({ code }) => ledger.errors.set(code, (ledger.errors.get(code) ?? 0) + 1));
    this.client.on('state', (state) => {
      if (state === 'reconnecting') this.brokeAt = performance.now();
      else if (state === 'online' && this.brokeAt !== undefined) {
        ledger.resumesMs.push(performance.now() - this.brokeAt);
        this.brokeAt = undefined;
      }
    });
  }

  get ready(): Promise<void> {
    return this.client.ready;
  }

  get state(): string {
    return this.client.state;
  }

  startOfPushes(): void {
    this.lastPushAt = performance.now();
  }

  async ask(): Promise<void> {
    const id = `${this.playerId}-${this.counter++}`;
    this.ledger.asked.push(id);
    try {
      await this.client.request('matching.user_join_matching', { mode: id });
      this.ledger.ends.push({ id, isError: false });
    } catch (error) {
      const code = error instanceof ClientError ? error.code : String(error);
      this.ledger.errors.set(`request ${code}`, (this.ledger.errors.get(`request ${code}`) ?? 0) + 1);
      this.ledger.ends.push({ id, isError: true });
    }
  }

  close(): void {
    this.client.close();
  }

  private tick(number: number): void {
    const now = performance.now();
    this.longestSilenceMs = Math.max(this.longestSilenceMs, now - this.lastPushAt);
    this.lastPushAt = now;
    this.told.push(number);
  }
}
