import { IsInt } from 'class-validator';
import { clientHandler } from '@ccgame/rpc';

/** The time of the connector that the player is on. */
export class ServerTime {
  /** Epoch ms. */
  @IsInt() now: number;
}

/** A player's clock may be anything: with the time that the answer took, this one says how far it is off. */
export const connectorNow = clientHandler({
  serverType: 'connector',
  handler: 'now',
  result: ServerTime,
  retryPolicy: 'safe',
});
