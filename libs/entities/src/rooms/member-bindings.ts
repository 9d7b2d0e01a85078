import { Logger } from '@nestjs/common';
import { isAway } from '@ccgame/jetstream';
import { RpcError } from '@ccgame/rpc';
import type { Bindings } from '@ccgame/sessions';
import type { RoomOf } from '../live/entity-of.js';
import type { HeldEntity } from '../memory/held-entity.js';

/** Bindings of rooms that have just come into memory are looked at within this time, so that not all are at once; ms. */
const firstWithinMs = 600_000;
const dayMs = 86_400_000;

/** Binds the members of rooms whose contract has handlers that name no room. */
export class MemberBindings {
  private readonly log = new Logger('entities');

  /** When a room's bindings are looked at next, by `performance.now()`. */
  private readonly renewsAt = new WeakMap<HeldEntity, number>();

  constructor(private readonly bindings: Pick<Bindings, 'bind' | 'unbind' | 'renew'>) {}

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
      // The player may have left, or the room ended, while it was written.
      if (!live.isMember(playerId)) await this.bindings.unbind(playerId, contract.kind, id);
    } catch (error) {
      throw isAway(error) ? new RpcError('NO_SERVER', { cause: error }) : error;
    }
  }

  /** To be called often. Bindings go by themselves in the end: those of a room that goes on are looked at once a day. */
  renewDue(held: HeldEntity, now: number): void {
    if (!held.kind.mark.contract.bindsMembers || !held.live.isBorn) return;
    const dueAt = this.renewsAt.get(held) ?? now + Math.random() * firstWithinMs;
    this.renewsAt.set(held, now >= dueAt ? now + dayMs : dueAt);
    if (now >= dueAt) void this.renewAll(held);
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

  private async renewAll(held: HeldEntity): Promise<void> {
    const { id } = held;
    const { kind } = held.kind.mark.contract;
    try {
      for (const playerId of [...(held.live.instance as RoomOf).members]) {
        if (!held.live.isMember(playerId)) continue;
        await this.bindings.renew(playerId, kind, id);
        // The player left while it was renewed.
        if (!held.live.isMember(playerId)) await this.bindings.unbind(playerId, kind, id);
      }
    } catch (error) {
      this.log.warn({ event: 'room.renew-failed', id, err: error });
    }
  }
}
