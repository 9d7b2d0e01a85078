import { Type } from 'class-transformer';
import { ArrayMaxSize, IsInt, IsString, ValidateNested } from 'class-validator';
import { serverHandler } from '#rpc';

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

export const connectorHandlers = {
  /** How many players this connector holds, by the version of their sessions. */
  countSessions: serverHandler({ serverType: 'connector', handler: 'count_sessions', result: SessionCounts }),
};
