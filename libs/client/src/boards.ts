import type { BoardView, PlayerView } from '@ccgame/protocol';
import type { ClientError } from './errors.js';
import type { GameHttp } from './game-http.js';
import type { PlayerToken } from './token.js';

/** The part of a leaderboard that is asked for. */
export interface BoardQuery {
  /** `current` (when left out), `previous`, or a period's name, `20261128T000000Z`. */
  period?: string;
  /** How many players at most, 1 to 200. Default 100. */
  limit?: number;
  /** How many players are left out at the top. */
  offset?: number;
}

/** The period in which a player's place is asked for. */
export interface PlaceQuery {
  period?: string;
  /** So many players before and after are told as well, 0 to 50. */
  around?: number;
}

/** The leaderboards, by HTTP: they need no session. */
export class Boards {
  constructor(
    private readonly http: GameHttp,
    /** The player's, for the own place. */
    private readonly token: PlayerToken,
  ) {}

  /** The best players of a board. @throws ClientError NOT_FOUND for a board that there is not */
  async top(board: string, query: BoardQuery = {}): Promise<BoardView> {
    return (await this.http.askServer(pathOf(board), { query: { ...query } })) as BoardView;
  }

  /** The player's own place; `player` is left out where there is none. @throws ClientError */
  async me(board: string, query: PlaceQuery = {}): Promise<PlayerView> {
    const ask = (token: string) => this.http.askServer(`${pathOf(board)}/me`, { query: { ...query }, token });
    const answer = await ask(await this.token.latestToken()).catch(async (error: ClientError) => {
      // It has run out, and there is no socket that renews it.
      if (error.code !== 'UNAUTHENTICATED' || this.token.isFixed) throw error;
      return ask(await this.token.fetchToken('refused'));
    });
    return answer as PlayerView;
  }

  /** Another player's place. @throws ClientError NOT_FOUND where the player has none */
  async player(board: string, playerId: string, query: PlaceQuery = {}): Promise<PlayerView> {
    const path = `${pathOf(board)}/players/${encodeURIComponent(playerId)}`;
    return (await this.http.askServer(path, { query: { ...query } })) as PlayerView;
  }
}

function pathOf(board: string): string {
  return `/v1/leaderboards/${encodeURIComponent(board)}`;
}
