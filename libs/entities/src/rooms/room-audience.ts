import type { FollowDto } from '../contract/follow.dto.js';
import type { EntityRequest } from '../inputs/entity-request.js';
import type { HeldEntity } from '../memory/held-entity.js';
import type { RoomViews } from '../view/room-views.js';
import type { MemberBindings } from './member-bindings.js';

/** The members of rooms, who are bound to them, and all who see them. */
export class RoomAudience {
  constructor(
    private readonly bindings: MemberBindings,
    private readonly views: RoomViews,
  ) {}

  /** A late repeat of a join does nothing for a player who left meanwhile. */
  async noteMember(held: HeldEntity, playerId: string): Promise<void> {
    await this.bindings.bindMember(held, playerId);
    if (held.live.isMember(playerId)) this.views.addMember(held, playerId);
    else this.views.removeFollower(held, playerId);
  }

  noteFollower(held: HeldEntity, { p = '', payload }: EntityRequest): void {
    if ((payload as FollowDto).follow === false) this.views.removeFollower(held, p);
    else this.views.addFollower(held, p);
  }

  endRoom(held: HeldEntity): void {
    this.bindings.unbindAll(held);
    this.views.endRoom(held);
  }
}
