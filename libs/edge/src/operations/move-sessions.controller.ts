import { Controller } from '@nestjs/common';
import { connectorHandlers, type MovedSessions, type MoveSessionsDto } from './connector.contract.js';
import { ServerHandler } from '@ccgame/rpc';
import { MoveSessions } from './move-sessions.js';

/** Answers the orders to move players to other connectors. */
@Controller()
export class MoveSessionsController {
  constructor(private readonly moves: MoveSessions) {}

  @ServerHandler(connectorHandlers.moveSessions)
  moveSessions({ version }: MoveSessionsDto): MovedSessions {
    return { asked: this.moves.startMove(version) };
  }
}
