import { type Client, ClientError, connect } from '@ccgame/client';
import type { Game } from '#game/contracts.js';
import { tokenOf } from '@ccgame/testing';
import type { Told } from './checker.js';

/** What happened to all players together. */
export class Ledger {
  readonly asked: string[] = [];
  readonly ends: { id: string; isError: boolean }[] = [];
  readonly resumes: Resume[] = [];
  readonly errors = new Map<string, number>();
  moves = 0;
  /** What was done last to the servers or the network. */
  deed = 'the start';
}

/** A break of a player's connection: what was being done when it came, and how long it lasted. */
export interface Resume {
  after: string;
  ms: number;
}

/** One player with the SDK: writes down what it is told and what comes of its requests. */
export class TorturedPlayer {
  readonly told: Told[] = [];
  longestSilenceMs = 0;
  private readonly client: Client<Game>;
  private lastPushAt = performance.now();
  private broke?: { after: string; at: number };
  private counter = 0;

  constructor(
    readonly playerId: string,
    url: string,
    private readonly ledger: Ledger,
  ) {
    this.client = connect<Game>({
      url,
      token: () => tokenOf(playerId),
      timeoutMs: 30_000,
      onNotRecovered: () => this.refresh(),
    });
    this.client.on('tick' as never, (number: number) => this.tick(number));
    this.client.on('moved', () => (ledger.moves += 1));
    this.client.on('error', ({ code }) => ledger.errors.set(code, (ledger.errors.get(code) ?? 0) + 1));
    this.client.on('state', (state) => {
      if (state === 'reconnecting') this.broke = { after: ledger.deed, at: performance.now() };
      else if (state === 'online' && this.broke) {
        ledger.resumes.push({ after: this.broke.after, ms: performance.now() - this.broke.at });
        this.broke = undefined;
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

  /** A push that is given meanwhile is one that was lost before the gap, to the checker. */
  private async refresh(): Promise<void> {
    await this.client.request('matching.user_leave_matching', undefined);
    this.told.push('gap');
  }

  private tick(number: number): void {
    const now = performance.now();
    this.longestSilenceMs = Math.max(this.longestSilenceMs, now - this.lastPushAt);
    this.lastPushAt = now;
    this.told.push(number);
  }
}
