import { Logger } from '@nestjs/common';
import { isAway } from '@ccgame/jetstream';
import { RpcError } from '@ccgame/rpc';
import type { Bindings } from '@ccgame/sessions';
import type { RoomOf } from '../live/entity-of.js';
import type { HeldEntity } from '../memory/held-entity.js';

/** Binds the members of rooms whose contract has handlers that name no room. */
export class MemberBindings {
  private readonly log = new Logger('entities');

  constructor(private readonly bindings: Pick<Bindings, 'bind' | 'unbind'>) {}

  /**
   * A join or leave is stored, and is answered once this is done. A late repeat of a join doesn't bind a player who left meanwhile.
   *
   * @throws RpcError NO_SERVER while NATS is away: the call is sent again, and comes here again
   */
  async bindMember({ id, kind, live }: HeldEntity, playerId: string): Promise<void> {
    const { contract } = kind.mark;
    if (!contract.bindsMembers) return;
    try {
      if (live.isMember(playerId)) await this.bindings.bind(playerId, contract.kind, id);
      else await this.bindings.unbind(playerId, contract.kind, id);
    } catch (error) {
      throw isAway(error) ? new RpcError('NO_SERVER', { cause: error }) : error;
    }
  }

  /** The room has ended. A binding that stays leads nowhere, and goes by itself. */
  unbindAll({ id, kind, live }: HeldEntity): void {
    const { contract } = kind.mark;
    if (!contract.bindsMembers) return;
    for (const playerId of (live.instance as RoomOf).members) {
      this.bindings.unbind(playerId, contract.kind, id).catch((error: unknown) => {
        this.log.warn({ event: 'room.unbind-failed', id, err: error });
      });
    }
  }
}
