import { Logger } from '@nestjs/common';
import { isPermanent } from '@ccgame/rpc';
import type { TopicPushes } from '@ccgame/sessions';
import type { RoomOf } from '../live/entity-of.js';
import type { HeldEntity } from '../memory/held-entity.js';
import { PersonalViews } from './personal-views.js';
import { type ViewPush, ViewStream } from './view-stream.js';

/** A follower hears of each room at least so often, ms. */
const remindEveryMs = 5_000;

interface SeenRoom {
  /** The stream for all who follow; or, where each sees something else, one that holds nothing and says so. */
  stream: ViewStream;
  personal?: PersonalViews;
  hasTicked: boolean;
  /** Players who are to follow from the first tick on. */
  early: Set<string>;
}

/** Tells those who see a room what it looks like: the whole view first, then what has changed after each tick. */
export class RoomViews {
  private readonly log = new Logger('entities');
  private readonly rooms = new WeakMap<HeldEntity, SeenRoom>();

  constructor(private readonly topics: Omit<TopicPushes, 'nats'>) {}

  /** After a tick of a room that this server owns. @throws what `view` throws, but not `viewOf`; RpcError TOO_LARGE */
  pushTick(held: HeldEntity): void {
    const seen = this.seenRoom(held);
    if (!seen) return;
    const { stream, personal } = seen;
    if (personal) {
      // Those who followed at another owner have nothing of this one: they ask.
      if (!seen.hasTicked && held.live.tick > 1) this.pushToAll(held, stream.numberPush());
      personal.pushTick();
    } else {
      const push = held.live.look('view', () => stream.pushOfTick(viewOf(held)));
      if (push) this.pushToAll(held, push);
    }
    seen.hasTicked = true;
    for (const playerId of seen.early) this.addMember(held, playerId);
    seen.early.clear();
  }

  /** As {@link addFollower}, where nobody waits for it: a member is one also where that fails, and asks. */
  addMember(held: HeldEntity, playerId: string): void {
    try {
      this.addFollower(held, playerId);
    } catch (error) {
      this.noteFailure(held, playerId, error);
    }
  }

  /**
   * The player sees the room from here on; one that an owner before had, from its first tick here on: players saw that owner's last one, by its
   * code and without the inputs since.
   *
   * @throws what `view` throws; RpcError TOO_LARGE, ROOM_FULL
   */
  addFollower(held: HeldEntity, playerId: string): void {
    const seen = this.seenRoom(held);
    if (!seen) return;
    const isEarly = held.isTakenOver && !seen.hasTicked && !seen.personal;
    if (isEarly) return void seen.early.add(playerId);
    seen.personal?.assertPlaceFor(playerId);
    this.send(() => {
      const push = seen.personal?.addFollower(playerId) ?? startOf(held, seen.stream);
      this.topics.startFollowing(playerId, roomName(held), ...push, held.live.isMember(playerId));
    });
  }

  removeFollower(held: HeldEntity, playerId: string): void {
    const seen = this.seenRoom(held);
    if (!seen) return;
    seen.personal?.removeFollower(playerId);
    seen.early.delete(playerId);
    const room = roomName(held);
    this.send(() => this.topics.stopFollowing(playerId, room, 'room.closed', closed(room, 'left')));
  }

  /** The room has ended. */
  endRoom(held: HeldEntity): void {
    const seen = this.seenRoom(held);
    if (!seen) return;
    const room = roomName(held);
    const push = [room, 'room.closed', closed(room, 'ended')] as const;
    // Before the others: one who follows it since an owner before hears of it once.
    for (const playerId of seen.early) this.send(() => this.topics.stopFollowing(playerId, ...push));
    seen.early.clear();
    this.send(() => this.topics.endTopic(...push));
  }

  private pushToAll(held: HeldEntity, push: ViewPush): void {
    this.send(() => this.topics.pushToTopic(roomName(held), ...push));
  }

  /** Undefined where its class has no view. */
  private seenRoom(held: HeldEntity): SeenRoom | undefined {
    const room = held.live.instance as RoomOf;
    if (!room.view && !room.viewOf) return undefined;
    let seen = this.rooms.get(held);
    if (!seen) {
      const personal = this.personalViews(held, room);
      seen = { stream: openStream(held), personal, hasTicked: false, early: new Set() };
      this.rooms.set(held, seen);
    }
    return seen;
  }

  private personalViews(held: HeldEntity, room: RoomOf): PersonalViews | undefined {
    if (!room.viewOf) return undefined;
    return new PersonalViews({
      openStream: () => openStream(held),
      pushOfTick: (playerId, stream) =>
        held.live.look('viewOf', () => stream.pushOfTick(room.viewOf?.(playerId) ?? {})),
      isMember: (playerId) => held.live.isMember(playerId),
      push: (playerId, push) => this.send(() => this.topics.pushToFollower(playerId, ...push)),
      failed: (playerId, error) => this.noteFailure(held, playerId, error),
    });
  }

  private noteFailure({ kind, id }: HeldEntity, playerId: string, err: unknown): void {
    this.log.error({ event: 'room.view-failed', entity: kind.mark.contract.name, id, playerId, err });
  }

  /** A push that isn't sent is missed, and asked for. */
  private send(push: () => void): void {
    try {
      push();
    } catch (error) {
      if (isPermanent(error)) throw error;
      this.log.warn({ event: 'room.view-not-sent', err: error });
    }
  }
}

function openStream(held: HeldEntity): ViewStream {
  const { tickHz = 1 } = held.kind.mark;
  return new ViewStream(roomName(held), (remindEveryMs / 1_000) * tickHz);
}

/** As all see it. */
const viewOf = ({ live }: HeldEntity): object => (live.instance as RoomOf).view?.() ?? {};

const startOf = (held: HeldEntity, stream: ViewStream): ViewPush =>
  held.live.look('view', () => stream.pushOfStart(() => viewOf(held)));

/** `<server type>.<entity>.<id>` */
export const roomName = ({ kind, id }: HeldEntity): string => `${kind.mark.contract.kind}.${id}`;

const closed = (room: string, why: 'ended' | 'left'): string => JSON.stringify({ room, why });
