import { IsInt, IsOptional, IsString } from 'class-validator';
import { type HandlerContract, serverHandler } from '@ccgame/rpc';

/** An entity that another version has, by its key `<name>.<id>`. */
export class OfferDto {
  @IsString() partition: string;
  @IsString() entity: string;
  /** Where its state stands in the stream. */
  @IsInt() seq: number;
  /** The state that stands there, as JSON; left out: it is read. */
  @IsOptional() @IsString() state?: string;
}

/** A stored state that a version is to try, before it moves. */
export class TrialDto {
  @IsString() partition: string;
  /** One that isn't there stands for its class. */
  @IsString() entity: string;
  /** The state version of the class that has the entity now. */
  @IsInt() stateVersion: number;
}

/** By which the owner of a partition in one version takes an entity from the one in another. */
export function takeHandler(serverType: string): HandlerContract<OfferDto, void> {
  return serverHandler({ serverType, handler: 'entity_take', payload: OfferDto, keyed: true });
}

/** Whether that would be taken. Nothing is changed; the answer is the state version of the class there. */
export function tryTakingHandler(serverType: string): HandlerContract<TrialDto, number> {
  return serverHandler({
    serverType,
    handler: 'entity_try_taking',
    payload: TrialDto,
    result: Number,
    keyed: true,
  });
}
