import { Logger } from '@nestjs/common';
import { isPermanent } from '@ccgame/rpc';
import type { TopicPushes } from '@ccgame/sessions';
import type { RoomOf } from '../live/entity-of.js';
import type { HeldEntity } from '../memory/held-entity.js';
import { type ViewPush, ViewStream } from './view-stream.js';

/** A follower hears of each room at least so often, ms. */
const remindEveryMs = 5_000;

/** Tells those who see a room what it looks like: the whole view first, then what has changed after each tick. */
export class RoomViews {
  private readonly log = new Logger('entities');
  private readonly streams = new WeakMap<HeldEntity, ViewStream>();

  constructor(private readonly topics: Omit<TopicPushes, 'nats'>) {}

  /** After a tick of a room that this server owns. @throws what `view` throws; RpcError TOO_LARGE */
  pushTick(held: HeldEntity): void {
    const room = held.live.instance as RoomOf;
    if (!room.view) return;
    const push = this.streamOf(held).pushOfTick(room.view());
    if (push) this.send(() => this.topics.pushToTopic(roomName(held), ...push));
  }

  /** The player sees the room from here on. */
  addFollower(held: HeldEntity, playerId: string): void {
    if (!(held.live.instance as RoomOf).view) return;
    const push: ViewPush = this.streamOf(held).wholePush();
    this.send(() => this.topics.startFollowing(playerId, roomName(held), ...push));
  }

  removeFollower(held: HeldEntity, playerId: string): void {
    if (!(held.live.instance as RoomOf).view) return;
    const room = roomName(held);
    this.send(() => this.topics.stopFollowing(playerId, room, 'room.closed', closed(room, 'left')));
  }

  /** The room has ended. */
  endRoom(held: HeldEntity): void {
    if (!(held.live.instance as RoomOf).view) return;
    const room = roomName(held);
    this.send(() => this.topics.endTopic(room, 'room.closed', closed(room, 'ended')));
  }

  private streamOf(held: HeldEntity): ViewStream {
    let stream = this.streams.get(held);
    if (!stream) {
      const { tickHz = 1 } = held.kind.mark;
      stream = new ViewStream(roomName(held), (remindEveryMs / 1_000) * tickHz);
      this.streams.set(held, stream);
    }
    return stream;
  }

  /** What isn't sent is missed, and asked for. */
  private send(push: () => void): void {
    try {
      push();
    } catch (error) {
      if (isPermanent(error)) throw error;
      this.log.warn({ event: 'room.view-not-sent', err: error });
    }
  }
}

const roomName = ({ kind, id }: HeldEntity): string => `${kind.mark.contract.kind}.${id}`;

const closed = (room: string, why: 'ended' | 'left'): string => JSON.stringify({ room, why });
