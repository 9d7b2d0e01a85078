import { createHash } from 'node:crypto';
import { UseInterceptors } from '@nestjs/common';
import { Entity, type EntityClass, entity, EntityOf, Handles } from '@ccgame/entities';
import { RoomResult } from './room-result.dto.js';
import { SubmitBefore } from './submit-before.js';

/** Each remembers some 2,000 rooms at a time. */
const receivers = 64;

/** The way of a server type's rooms to the boards. */
export interface RoomResults {
  /** Among the `entities` of the type's `EntitiesModule.forRoot`, beside its rooms. */
  readonly entity: EntityClass;
  /**
   * Has a result counted once, whatever is killed meanwhile, as soon as what the room does by then is stored. The room may end in the same
   * input or tick. A result that is refused for good, as one with a player twice, is in the log as `entity.call-refused`.
   *
   * @param room as `this` of the room, or of another entity
   * @throws Error for a result of a wrong shape; RpcError TOO_MANY_CALLS
   */
  submit(room: Pick<EntityOf, 'id' | 'sendCall'>, result: RoomResult): void;
}

/**
 * Brings the results of rooms, whose code can't wait for a submit, to the boards. The servers of the type import `LeaderboardsModule` too.
 *
 * @param serverType of the rooms. Once a type, where its rooms and its module import it
 */
export function roomResults(serverType: string): RoomResults {
  const contract = entity({ serverType, name: 'room_result' });
  const submitResult = contract.serverHandler('submit_room_result', { payload: RoomResult });

  /** It has no state but the calls that it had. */
  @Entity(contract, { createOnCall: true })
  class RoomResultEntity extends EntityOf {
    create(): object {
      return {};
    }

    @Handles(submitResult)
    @UseInterceptors(SubmitBefore)
    noteSubmitted(): void {}
  }

  return {
    entity: RoomResultEntity,
    submit: (room, result) => room.sendCall(submitResult, receiverOf(room.id), result),
  };
}

const receiverOf = (roomId: string): string =>
  `r${createHash('sha1').update(roomId).digest().readUInt32BE(0) % receivers}`;
