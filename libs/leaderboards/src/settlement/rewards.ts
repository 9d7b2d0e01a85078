import type { BoardEntry } from '@ccgame/protocol';

/** A part of a settled period: the players from a place of the list on. */
export interface SettledPage {
  board: string;
  /** The period's name, such as `20261128T000000Z`. */
  period: string;
  /** Names the page in the whole game, and is the same when it comes again: a reward's own key can begin with it. */
  key: string;
  /** How many players the period had. */
  players: number;
  /** In the order of the board, at most 1,000. */
  entries: BoardEntry[];
}

/**
 * Gives the rewards of a settled period. A game provides its own:
 * `LeaderboardsModule.forRoot({ boards, rewards: OurRewards })`.
 */
export abstract class LeaderboardRewards {
  /**
   * Called for every page of every period, at least once: with the same {@link SettledPage.key} again when the job was ended
   * in between, or when it threw or took longer than two minutes. One such page doesn't keep the others from their rewards.
   */
  abstract reward(page: SettledPage): Promise<void>;
}

/** The boards of a game that gives none. */
export class NoRewards extends LeaderboardRewards {
  async reward(): Promise<void> {}
}
