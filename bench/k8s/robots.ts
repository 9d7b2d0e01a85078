import { type Client, ClientError, connect } from '#client';
import { judgePushes, type Told } from '../torture/checker.js';
import type { Publisher } from '../torture/publisher.js';

/** What the robots met between two looks. */
export interface Account {
  httpRequests: number;
  httpFailed: number;
  socketRequests: number;
  socketFailed: number;
  pushes: number;
  lost: number;
  duplicated: number;
  reordered: number;
  /** The longest time that a robot went without a push, ms; one is sent to each about every 200 ms. */
  longestGapMs: number;
  /** Which errors, and how often. */
  errors: Record<string, number>;
}

const pushEveryMs = 200;
const askEveryMs = 300;

interface Robot {
  playerId: string;
  client: Client;
  told: Told[];
}

/** Players who do the same thing over and over through the public door, and write down what goes wrong. */
export class Robots {
  private readonly robots: Robot[] = [];
  private readonly errors = new Map<string, number>();
  private counts = { httpRequests: 0, httpFailed: 0, socketRequests: 0, socketFailed: 0 };
  private longestGapMs = 0;
  private isPlaying = false;
  private loops: Promise<void>[] = [];

  constructor(
    private readonly url: string,
    private readonly publisher: Publisher,
    private readonly version: string | undefined,
  ) {}

  async start(count: number): Promise<void> {
    this.isPlaying = true;
    for (let index = 0; index < count; index += 1) this.robots.push(await this.robot(index));
    this.publisher.start(
      this.robots.map(({ playerId }) => playerId),
      pushEveryMs,
    );
    this.loops = this.robots.flatMap((robot) => [this.askHttp(), this.askSocket(robot)]);
  }

  /** Ends the play; everything that is under way is waited for. */
  async stop(): Promise<Account> {
    this.isPlaying = false;
    await Promise.all([...this.loops, this.publisher.stop()]);
    await this.untilDelivered();
    const verdicts = this.robots.map(({ playerId, told }) =>
      judgePushes(this.publisher.sent.get(playerId) ?? 0, told),
    );
    for (const { client } of this.robots) client.close();
    const sum = (of: (verdict: (typeof verdicts)[number]) => number): number =>
      verdicts.reduce((total, one) => total + of(one), 0);
    return {
      ...this.counts,
      pushes: sum(({ received }) => received),
      lost: sum(({ lost }) => lost),
      duplicated: sum(({ duplicated }) => duplicated),
      reordered: sum(({ reordered }) => reordered),
      longestGapMs: Math.round(this.longestGapMs),
      errors: Object.fromEntries(this.errors),
    };
  }

  private async robot(index: number): Promise<Robot> {
    const login = await fetch(`${this.url}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ deviceId: `robot-${Date.now()}-${index}` }),
    });
    const { playerId, token } = (await login.json()) as { playerId: string; token: string };
    const told: Told[] = [];
    const client = connect({ url: this.url, token, version: this.version, timeoutMs: 30_000 });
    let lastAt = performance.now();
    client.on('tick' as never, (number: number) => {
      this.longestGapMs = Math.max(this.longestGapMs, performance.now() - lastAt);
      lastAt = performance.now();
      told.push(number);
    });
    client.on('notRecovered', () => told.push('gap'));
    await client.ready;
    lastAt = performance.now();
    return { playerId, client, told };
  }

  private async askHttp(): Promise<void> {
    while (this.isPlaying) {
      this.counts.httpRequests += 1;
      const problem = await fetch(`${this.url}/v1/leaderboards/duel`).then(
        async (response) => {
          await response.arrayBuffer();
          return response.ok ? undefined : `http ${response.status}`;
        },
        (error: Error & { cause?: { code?: string } }) => `http ${error.cause?.code ?? error.message}`,
      );
      if (problem) this.fail('httpFailed', problem);
      await pause(askEveryMs);
    }
  }

  private async askSocket({ client }: Robot): Promise<void> {
    while (this.isPlaying) {
      this.counts.socketRequests += 1;
      await client.request('matching.user_leave_matching', undefined as never).catch((error: unknown) => {
        this.fail('socketFailed', `socket ${error instanceof ClientError ? error.code : String(error)}`);
      });
      await pause(askEveryMs);
    }
  }

  private fail(which: 'httpFailed' | 'socketFailed', problem: string): void {
    this.counts[which] += 1;
    this.errors.set(problem, (this.errors.get(problem) ?? 0) + 1);
  }

  private async untilDelivered(): Promise<void> {
    const deadline = Date.now() + 20_000;
    const isDone = ({ playerId, told }: Robot): boolean =>
      told.at(-1) === (this.publisher.sent.get(playerId) ?? 0) - 1;
    while (Date.now() < deadline && !this.robots.every(isDone)) await pause(50);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
