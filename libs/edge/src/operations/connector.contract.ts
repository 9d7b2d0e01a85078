import { Type } from 'class-transformer';
import { ArrayMaxSize, IsBoolean, IsIn, IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import { IsName, serverHandler } from '@ccgame/rpc';

/** The sessions of one version on a connector. */
export class VersionSessions {
  /** The version that the sessions are pinned to, which need not be the connector's own. */
  @IsString()
  version: string;

  @IsInt()
  sessions: number;
}

/** A connector's sessions, by version. */
export class SessionCounts {
  @ValidateNested({ each: true })
  @Type(() => VersionSessions)
  @ArrayMaxSize(1000)
  versions: VersionSessions[];
}

/** The players who are to be moved. */
export class MoveSessionsDto {
  /** Only players of this version; of all when left out. */
  @IsOptional()
  @IsString()
  version?: string;
}

/** How many clients were asked to move. */
export class MovedSessions {
  @IsInt()
  asked: number;
}

/** `find_player`, `move_player` */
export class PlayerDto {
  @IsName('playerId')
  playerId: string;
}

/** A socket of a player. */
export class PlayerSocket {
  @IsString()
  session: string;

  /** The version that answers the player. */
  @IsString()
  version: string;

  /** It understands the pushes about the session itself. */
  @IsBoolean()
  isSdk: boolean;

  /** How long it has been open, ms. */
  @IsInt()
  openForMs: number;

  /** Requests that wait for their answers. */
  @IsInt()
  inFlight: number;
}

/** A player's sockets on one connector. */
export class FoundPlayer {
  /** One; two while the player moves to another; none where the player isn't here. */
  @ValidateNested({ each: true })
  @Type(() => PlayerSocket)
  @ArrayMaxSize(100)
  sockets: PlayerSocket[];
}

/** The outcome of the order to move a player. */
export class MovedPlayer {
  /** `asked`: the client goes on elsewhere when it has another socket. `closed`: a plain client, which comes back by itself. */
  @IsIn(['asked', 'closed', 'not-here'])
  outcome: 'asked' | 'closed' | 'not-here';
}

/** Handlers of connectors for commands. No player reaches them. */
export const connectorHandlers = {
  /** How many players this connector holds, by the version of their sessions. */
  countSessions: serverHandler({ serverType: 'connector', handler: 'count_sessions', result: SessionCounts }),
  /** Asks the players whom the release table gives another version by now to go on there; it answers how many they are. */
  moveSessions: serverHandler({
    serverType: 'connector',
    handler: 'move_sessions',
    payload: MoveSessionsDto,
    result: MovedSessions,
  }),
  /** Tells all that this connector knows of a player. */
  findPlayer: serverHandler({
    serverType: 'connector',
    handler: 'find_player',
    payload: PlayerDto,
    result: FoundPlayer,
  }),
  /** Has one player go on at another connector, or in the version that the release table gives by now. */
  movePlayer: serverHandler({
    serverType: 'connector',
    handler: 'move_player',
    payload: PlayerDto,
    result: MovedPlayer,
  }),
};
