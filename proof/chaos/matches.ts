import { setTimeout as sleep } from 'node:timers/promises';
import { judgeResults, type Reported, sumOf, type Verdict } from './checker.js';
import type { PlainPlayer } from './plain-player.js';

const mode = 'duel';
const serverKey = 'development-only-server-key-000000';
const matchedWithinMs = 3_000;
const retryMs = 200;
const countedWithinMs = 10_000;

/** Two players who play one match after the other, and the game server that reports each result until it is taken. */
export class Matches {
  private readonly reported: Reported[] = [];
  private isOver = false;
  private readonly loop: Promise<void>;

  constructor(
    private readonly url: string,
    private readonly players: readonly [PlainPlayer, PlainPlayer],
  ) {
    this.loop = this.playOn();
  }

  /** Results that were taken. */
  get taken(): number {
    return this.reported.filter(({ isAcked }) => isAcked).length;
  }

  /** Ends when the match that is played is reported. */
  async stop(): Promise<void> {
    this.isOver = true;
    await this.loop;
  }

  /** By the board, as everybody reads it. @param maySkip the storage of results was destroyed */
  async judge(maySkip: boolean): Promise<Verdict> {
    const until = performance.now() + countedWithinMs;
    const verdicts = this.players.map(async ({ playerId }) => {
      let counted = await this.readScore(playerId);
      while (counted < this.taken && performance.now() < until) {
        await sleep(retryMs);
        counted = await this.readScore(playerId);
      }
      return judgeResults(this.reported, counted, maySkip);
    });
    return sumOf(await Promise.all(verdicts));
  }

  private async playOn(): Promise<void> {
    while (!this.isOver) {
      const matchId = await this.findMatch();
      if (matchId !== undefined) await this.report(matchId);
      else await sleep(retryMs);
    }
  }

  /** Undefined: it did not come about in time, and both have left the queue. */
  private async findMatch(): Promise<string | undefined> {
    const before = new Set(this.players.flatMap(({ matches }) => matches));
    await Promise.all(this.players.map((player) => player.request('matching.user_join_matching', { mode })));
    const until = performance.now() + matchedWithinMs;
    while (performance.now() < until) {
      const [one, other] = this.players.map(({ matches }) => matches.filter((id) => !before.has(id)));
      const both = one?.find((id) => other?.includes(id));
      if (both !== undefined) return both;
      await sleep(20);
    }
    await Promise.all(this.players.map((player) => player.request('matching.user_leave_matching', {})));
    return undefined;
  }

  /** Until it is taken, or nobody knows the match any more: its record may have been destroyed. */
  private async report(matchId: string): Promise<void> {
    const result = { isAcked: false };
    this.reported.push(result);
    const until = performance.now() + countedWithinMs;
    while (!result.isAcked && performance.now() < until) {
      const status = await this.post(matchId);
      if (status === 404) return;
      if (status === 200) result.isAcked = true;
      else await sleep(retryMs);
    }
  }

  private async post(matchId: string): Promise<number> {
    const scores = this.players.map(({ playerId }) => ({ playerId, score: 1 }));
    const answer = await ask(`${this.url}/v1/matches/${matchId}/result`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${serverKey}`,
        connection: 'close',
      },
      body: JSON.stringify({ scores }),
    });
    return answer?.status ?? 0;
  }

  private async readScore(playerId: string): Promise<number> {
    const answer = await ask(`${this.url}/v1/leaderboards/${mode}/players/${playerId}`, {
      headers: { connection: 'close' },
    });
    return (answer?.body as { player?: { score: number } } | undefined)?.player?.score ?? 0;
  }
}

/** Undefined: there was no answer. */
async function ask(url: string, init: RequestInit): Promise<{ status: number; body: unknown } | undefined> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(2_000) });
    return { status: response.status, body: (await response.json()) as unknown };
  } catch {
    return undefined;
  }
}
