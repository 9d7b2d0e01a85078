import { Injectable } from '@nestjs/common';
import { ResultLog } from './result-log.js';
import type { Submitted, SubmittedResult } from './submitted-result.js';

/** One score of one player, as a server submits it. */
export interface SubmittedPlayerScore {
  /** Boards of this topic count it; a board's topic is its name unless it says otherwise. */
  topic: string;
  playerId: string;
  /** From -1e9 to 1e9. */
  score: number;
  /** The same score submitted again under the same id counts once. */
  id: string;
}

/** How servers report scores. */
@Injectable()
export class ScoreSubmitter {
  constructor(private readonly results: ResultLog) {}

  /** One player's score. @throws as `ResultLog.submit` */
  submitScore({ topic, playerId, score, id }: SubmittedPlayerScore): Promise<Submitted> {
    return this.results.submit({ topic, id, scores: [{ playerId, score }] });
  }

  /** The scores of all players of a match, counted together. @throws as `ResultLog.submit` */
  submitResult(result: SubmittedResult): Promise<Submitted> {
    return this.results.submit(result);
  }
}
