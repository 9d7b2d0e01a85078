import type { FollowAnswer, FollowDto } from '../contract/follow.dto.js';
import type { EntityRequest } from '../inputs/entity-request.js';
import { dataOf } from '../live/data-of.js';
import { leavingIn } from '../live/leave-reason.js';
import type { Answer } from '../live/records.js';
import type { HeldEntity } from '../memory/held-entity.js';
import { roomName, type RoomViews } from '../view/room-views.js';
import type { MemberBindings } from './member-bindings.js';

/** The members of rooms, who are bound to them, and all who see them. */
export class RoomAudience {
  /** The rooms whose end was told: one that has something to send is stored once more. */
  private readonly ended = new WeakSet<HeldEntity>();

  constructor(
    private readonly bindings: MemberBindings,
    private readonly views: RoomViews,
  ) {}

  /**
   * Binds the player whom a join or leave was about. A player whose leave failed in the room's code has left all the same.
   *
   * @returns the answer's data
   * @throws RpcError what the handler threw
   */
  async noteAnswer(held: HeldEntity, { builtIn, payload }: EntityRequest, answer: Answer): Promise<unknown> {
    if (builtIn === 'leave') await this.noteMember(held, leavingIn(payload as string).playerId);
    const data = dataOf(answer);
    if (builtIn === 'join') await this.noteMember(held, payload as string);
    return data;
  }

  /** A late repeat of a join does nothing for a player who left meanwhile. @throws RpcError see `MemberBindings.bindMember` */
  async noteMember(held: HeldEntity, playerId: string): Promise<void> {
    await this.bindings.bindMember(held, playerId);
    if (held.live.isMember(playerId)) this.views.addMember(held, playerId);
    else this.views.removeFollower(held, playerId);
  }

  noteFollower(held: HeldEntity, { p = '', payload }: EntityRequest): FollowAnswer {
    if ((payload as FollowDto).follow === false) this.views.removeFollower(held, p);
    else this.views.addFollower(held, p);
    return { room: roomName(held) };
  }

  renewDue(held: HeldEntity, now: number): void {
    this.bindings.renewDue(held, now);
  }

  endRoom(held: HeldEntity): void {
    if (this.ended.has(held)) return;
    if (held.live.hasEnded) this.ended.add(held);
    this.bindings.unbindAll(held);
    this.views.endRoom(held);
  }
}
