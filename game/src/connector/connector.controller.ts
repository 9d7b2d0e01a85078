import { Controller } from '@nestjs/common';
import { ClientHandler } from '@ccgame/rpc';
import { connectorNow, type ServerTime } from './now.contract.js';

/** The players' requests that the connector answers by itself. They hold up all of its players, so each is done within microseconds. */
@Controller()
export class ConnectorController {
  @ClientHandler(connectorNow)
  now(): ServerTime {
    return { now: Date.now() };
  }
}
