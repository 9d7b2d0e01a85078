import { IsObject, IsOptional } from 'class-validator';
import { IsName, serverHandler } from '@ccgame/rpc';
import type { ValueChanges } from './session-values.js';

/** `change_session_data` */
export class ChangeSessionDataDto {
  @IsName('playerId')
  playerId: string;

  /** Only in this session; in whichever the player has when left out. */
  @IsOptional()
  @IsName('session')
  session?: string;

  @IsObject()
  changes: ValueChanges;
}

/**
 * By which a back end has a connector change a session's data. The one that holds the socket does it; where nobody does, any one may.
 * It answers MOVED where another one holds it.
 */
export const changeSessionData = serverHandler({
  serverType: 'connector',
  handler: 'change_session_data',
  payload: ChangeSessionDataDto,
});
