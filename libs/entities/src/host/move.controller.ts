import { Controller, Inject, type Type } from '@nestjs/common';
import { ServerHandler } from '@ccgame/rpc';
import { EntityHost } from './entity-host.js';
import { OfferDto, takeHandler, TrialDto, tryTakingHandler } from './move.contract.js';

/** A controller that answers what servers of other versions ask when an entity is to move. */
export function moveControllerOf(serverType: string): Type {
  @Controller()
  class MoveController {
    constructor(@Inject(EntityHost) private readonly host: EntityHost) {}

    @ServerHandler(takeHandler(serverType))
    async takeEntity(offer: OfferDto): Promise<void> {
      await this.host.take(offer);
    }

    @ServerHandler(tryTakingHandler(serverType))
    async tryTakingEntity(trial: TrialDto): Promise<number> {
      return this.host.tryTaking(trial);
    }
  }
  return MoveController;
}
