import { Injectable } from '@nestjs/common';
import { LeaderboardStore } from '../store/leaderboard-store.js';
import { resultsStream } from '../store/streams.js';

const freshMs = 2_000;

/** How far back the stream of results goes. */
export interface ResultsStreamAge {
  /** When the stream was made, epoch s: it changes with the loss of the stream. */
  since: number;
  /** The oldest result that it still holds. */
  firstSeq: number;
  lastSeq: number;
  /** When it was asked, by `performance.now()`. */
  askedAt: number;
  /** The same on the clock of NATS, epoch ms. */
  now: number;
  /** Asks anew whether the stream is the same one: this may be as old as it is fresh. @throws the JetStream API's error */
  isStill: () => Promise<boolean>;
}

/** When the stream of results was made, asked for now and then for all boards together. */
@Injectable()
export class ResultsAge {
  private asked?: { at: number; age: Promise<ResultsStreamAge> };

  constructor(private readonly store: LeaderboardStore) {}

  /** @throws the JetStream API's error */
  get(): Promise<ResultsStreamAge> {
    const now = performance.now();
    if (!this.asked || now - this.asked.at > freshMs) this.asked = { at: now, age: this.readAge() };
    return this.asked.age;
  }

  private async isStill(since: number): Promise<boolean> {
    this.asked = undefined;
    return (await this.get()).since === since;
  }

  private async readAge(): Promise<ResultsStreamAge> {
    try {
      const askedAt = performance.now();
      const { created, ...rest } = await this.store.times(resultsStream.name);
      const since = Math.floor(Date.parse(created) / 1_000);
      return { since, ...rest, askedAt, isStill: () => this.isStill(since) };
    } catch (error) {
      this.asked = undefined;
      throw error;
    }
  }
}
