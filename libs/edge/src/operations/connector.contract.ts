import { Type } from 'class-transformer';
import { ArrayMaxSize, IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import { serverHandler } from '@ccgame/rpc';

export class VersionSessions {
  /** The version that the sessions are pinned to, which need not be the connector's own. */
  @IsString()
  version: string;

  @IsInt()
  sessions: number;
}

export class SessionCounts {
  @ValidateNested({ each: true })
  @Type(() => VersionSessions)
  @ArrayMaxSize(1000)
  versions: VersionSessions[];
}

export class MoveSessionsDto {
  /** Only players of this version; of all when left out. */
  @IsOptional()
  @IsString()
  version?: string;
}

export class MovedSessions {
  @IsInt()
  asked: number;
}

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
};
