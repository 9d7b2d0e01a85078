import { type Client, ClientError, connect } from '@ccgame/client';
import type { Game } from '#game/contracts.js';
import type { Account } from './account.js';

/** Two players of a mode make a match, so one mode keeps everybody's tickets short. */
const mode = 'demo';
/** Between two requests of a kind, ms, on the average. */
const usualRestMs = 1_000;

/** One player with the real SDK: it queues, is matched, queues again, and looks at the leaderboard meanwhile. */
export class Robot {
  private isPlaying = true;
  private nextTick = 0;
  private onMatched: () => void;
  private loops: Promise<void>[] = [];

  private constructor(
    readonly playerId: string,
    private readonly url: string,
    private readonly account: Account,
    private readonly client: Client<Game>,
    private readonly restMs: number,
  ) {
    client.on('tick' as never, (number: number) => this.tick(number));
    client.on('matched', () => {
      account.matched += 1;
      this.onMatched?.();
    });
    client.on('moved', () => (account.moves += 1));
    client.on('notRecovered', () => (account.gaps += 1));
  }

  static async login(url: string, account: Account, restMs = usualRestMs): Promise<Robot> {
    const response = await fetch(`${url}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ deviceId: `robot-${crypto.randomUUID()}` }),
    });
    if (!response.ok)
      throw new Error(`A robot could not log in: ${response.status} ${await response.text()}`);
    const { playerId, token } = (await response.json()) as { playerId: string; token: string };
    const robot = new Robot(playerId, url, account, connect<Game>({ url, token }), restMs);
    await robot.client.ready;
    return robot;
  }

  play(): void {
    this.loops = [this.queue(), this.look()];
  }

  /** Makes no new ticket, and resolves when its last request is answered. Pushes still flow. */
  async pause(): Promise<void> {
    this.isPlaying = false;
    this.onMatched?.();
    await Promise.all(this.loops);
  }

  leave(): void {
    this.client.close();
  }

  private async queue(): Promise<void> {
    while (this.isPlaying) {
      const matched = new Promise<void>((resolve) => (this.onMatched = resolve));
      const isQueued = await this.count(() => this.client.request('matching.user_join_matching', { mode }));
      if (isQueued) {
        this.account.tickets += 1;
        await matched;
      }
      await this.rest();
    }
  }

  private async look(): Promise<void> {
    while (this.isPlaying) {
      await this.count(async () => {
        const response = await fetch(`${this.url}/v1/leaderboards/duel?limit=10`);
        await response.arrayBuffer();
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
      });
      await this.rest();
    }
  }

  private async count(request: () => Promise<unknown>): Promise<boolean> {
    this.account.requests += 1;
    try {
      await request();
      return true;
    } catch (error) {
      this.account.fail(error instanceof ClientError ? error.code : sentenceOf(error as Error));
      return false;
    }
  }

  private rest(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.restMs * (0.5 + Math.random())));
  }

  private tick(number: number): void {
    if (number < this.nextTick) this.account.duplicated += 1;
    else {
      this.account.pushesGot += 1;
      this.account.skipped += number - this.nextTick;
    }
    this.nextTick = Math.max(this.nextTick, number + 1);
  }
}

/** `fetch` says what happened in the cause only. */
function sentenceOf({ message, cause }: Error): string {
  if (!(cause instanceof Error)) return message;
  return `${message}: ${(cause as NodeJS.ErrnoException).code ?? cause.message}`;
}
