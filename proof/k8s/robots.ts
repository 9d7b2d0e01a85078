import { type Client, ClientError, connect } from '@ccgame/client';
import type { Game } from '#game/contracts.js';
import { judgePushes } from '../torture/checker.js';
import { Diary } from '../torture/diary.js';
import { tickRoute } from '../torture/player.js';
import type { Publisher } from '../torture/publisher.js';
import { login } from './doors.js';
import { Outage } from './outage.js';
import { pause, until } from './pause.js';
import { Tickets } from './tickets.js';

/** The events that the robots met between two looks. */
export interface Account {
  httpRequests: number;
  httpFailed: number;
  socketRequests: number;
  socketFailed: number;
  matches: number;
  /** Tickets that were acknowledged and then neither matched nor there. */
  ticketsLost: number;
  pushes: number;
  lost: number;
  duplicated: number;
  reordered: number;
  /** The longest time that a robot went without a push, ms; one is sent to each about every 200 ms. */
  longestGapMs: number;
  /** The longest time for which a robot had no answer, whether its request waited or it asked again, ms. */
  longestOutageMs: number;
  /** Which errors, and how often. */
  errors: Record<string, number>;
  /** The first of them, each with its time of day (UTC), to be found in the servers' logs. */
  firstErrors: string[];
}

const pushEveryMs = 200;
const askEveryMs = 300;
const mostErrorsTold = 20;
/** A phase before may have broken something that is not whole yet. */
const loginMs = 60_000;
/** An Ingress may wait for minutes for a server whose node is gone; a player's client does not. */
const httpTimeoutMs = 5_000;

/** The code of our own problem details; an Ingress answers in words of its own. */
function reasonIn(body: string): string {
  const [, code] = /"code":"([A-Z_]+)"/.exec(body) ?? [];
  return code ?? `"${body.slice(0, 60).trim()}"`;
}

interface Robot {
  playerId: string;
  client: Client<Game>;
  tickets: Tickets;
  diary: Diary;
}

/** Players who do the same thing over and over through the public door, and write down what goes wrong. */
export class Robots {
  private readonly robots: Robot[] = [];
  private readonly errors = new Map<string, number>();
  private readonly firstErrors: string[] = [];
  private counts = { httpRequests: 0, httpFailed: 0, socketRequests: 0, socketFailed: 0 };
  private readonly outages: Outage[] = [];
  private isPlaying = false;
  private loops: Promise<void>[] = [];

  /** @param publisher pushes to them from behind; where NATS itself is taken away there is none */
  constructor(
    private readonly url: string,
    private readonly publisher: Publisher | undefined,
  ) {}

  async start(count: number): Promise<void> {
    this.isPlaying = true;
    for (let index = 0; index < count; index += 1)
      await until('a robot logs in', loginMs, async () => this.robots.push(await this.robot()) > index);
    this.publisher?.start(
      this.robots.map(({ playerId }) => playerId),
      pushEveryMs,
    );
    this.loops = this.robots.flatMap((robot) => [this.askHttp(), this.askSocket(robot)]);
  }

  /** Ends the play; everything that is under way is waited for. */
  async stop(): Promise<Account> {
    this.isPlaying = false;
    await Promise.all([...this.loops, this.publisher?.stop()]);
    if (this.publisher) await this.untilDelivered();
    const verdicts = this.robots.map(({ playerId, diary }) => judgePushes(this.sentTo(playerId), diary.told));
    for (const { client } of this.robots) client.close();
    const sum = (of: (verdict: (typeof verdicts)[number]) => number): number =>
      verdicts.reduce((total, one) => total + of(one), 0);
    return {
      ...this.counts,
      matches: this.robots.reduce((total, { tickets }) => total + tickets.matched, 0),
      ticketsLost: this.robots.reduce((total, { tickets }) => total + tickets.lost, 0),
      pushes: sum(({ received }) => received),
      lost: sum(({ lost }) => lost),
      duplicated: sum(({ duplicated }) => duplicated),
      reordered: sum(({ reordered }) => reordered),
      longestOutageMs: Math.max(0, ...this.outages.map(({ longestMs }) => longestMs)),
      longestGapMs: Math.max(0, ...this.robots.map(({ diary }) => diary.longestSilenceMs)),
      errors: Object.fromEntries(this.errors),
      firstErrors: this.firstErrors,
    };
  }

  private async robot(): Promise<Robot> {
    const deviceId = `robot-${crypto.randomUUID()}`;
    const { playerId, token } = await login(this.url, deviceId);
    const diary = new Diary();
    // A proof may outlast a token.
    const fresh = async (reason: string): Promise<string> =>
      reason === 'connect' ? token : (await login(this.url, deviceId)).token;
    const client = connect<Game>({ url: this.url, token: fresh, timeoutMs: 30_000 });
    client.on(tickRoute as never, (number: number) => diary.notePush(number));
    client.on('notRecovered', () => diary.noteGap());
    const tickets = new Tickets(client);
    await client.ready;
    diary.begin();
    return { playerId, client, diary, tickets };
  }

  private async askHttp(): Promise<void> {
    const outage = this.openOutage();
    while (this.isPlaying) {
      this.counts.httpRequests += 1;
      const askedAt = performance.now();
      const problem = await fetch(`${this.url}/v1/leaderboards/duel`, {
        signal: AbortSignal.timeout(httpTimeoutMs),
      })
        .then(async (response) => {
          const body = await response.text();
          return response.ok ? undefined : `http ${response.status} ${reasonIn(body)}`;
        })
        // Also where the head came, and the body did not.
        .catch((error: Error & { cause?: { code?: string } }) => `http ${error.cause?.code ?? error.name}`);
      outage.note(problem === undefined, askedAt);
      if (problem) this.fail('httpFailed', problem);
      await pause(askEveryMs);
    }
  }

  private async askSocket({ tickets }: Robot): Promise<void> {
    const outage = this.openOutage();
    while (this.isPlaying) {
      await tickets.play((request) => this.count(request, outage));
      await pause(askEveryMs);
    }
  }

  private async count<T>(request: Promise<T>, outage: Outage): Promise<T | undefined> {
    this.counts.socketRequests += 1;
    const since = performance.now();
    try {
      const answer = await request;
      outage.note(true, since);
      return answer;
    } catch (error) {
      outage.note(false, since);
      // The client's own patience shows by its 30 s; what servers say comes sooner.
      const seconds = Math.round((performance.now() - since) / 1000);
      const what = error instanceof ClientError ? error.code : String(error);
      this.fail('socketFailed', `socket ${what} after ${seconds} s`);
      return undefined;
    }
  }

  private openOutage(): Outage {
    const outage = new Outage();
    this.outages.push(outage);
    return outage;
  }

  private fail(which: 'httpFailed' | 'socketFailed', problem: string): void {
    this.counts[which] += 1;
    this.errors.set(problem, (this.errors.get(problem) ?? 0) + 1);
    const at = new Date().toISOString().slice(11, 19);
    if (this.firstErrors.length < mostErrorsTold) this.firstErrors.push(`${at} ${problem}`);
  }

  private sentTo(playerId: string): readonly number[] {
    return this.publisher?.sent.get(playerId) ?? [];
  }

  private async untilDelivered(): Promise<void> {
    const deadline = Date.now() + 20_000;
    const isDone = ({ playerId, diary }: Robot): boolean => diary.last === this.sentTo(playerId).length - 1;
    while (Date.now() < deadline && !this.robots.every(isDone)) await pause(50);
  }
}
