import { Logger } from '@nestjs/common';
import type { PushesOf } from '@ccgame/rpc';
import { IsString } from 'class-validator';
import type { Checkpoint, Output } from '../live/records.js';
import { metrics } from '../metrics.js';
import type { HeldEntity } from '../memory/held-entity.js';
import { isTooLargeToStore } from '../storage/checkpoint-size.js';

const log = new Logger('entities');
const stoppedRoute = 'room.stopped';

/** How long the state of a room that was stopped may be looked at. */
export const stoppedForSeconds = 7 * 86_400;

/** The push to the members of a room that its server had to stop. */
export class RoomStopped {
  /** As `dice.table`. */
  @IsString()
  kind: string;

  @IsString()
  roomId: string;
}

/** The pushes of all rooms, for `pushes` of a game. */
export const roomPushes = { [stoppedRoute]: RoomStopped };

/** The pushes of the framework to members of rooms, by route. */
export type RoomPushes = PushesOf<typeof roomPushes>;

/** A room that doesn't go on: this one alone. Its members are told, and its state is kept for a look. */
export function stopRoom(held: HeldEntity, reason: string): void {
  if (held.isStopped) return;
  const { kind, id, live } = held;
  const { contract } = kind.mark;
  held.stoppedWhy = reason;
  metrics.stopped.inc({ entity: contract.name });
  const partition = contract.keyOf(id);
  log.error({ event: 'room.stopped', entity: contract.name, id, partition, tick: live.tick, reason });
  const data: RoomStopped = { kind: contract.kind, roomId: id };
  live.pushToMembers(stoppedRoute, data, 'stopped');
  held.dirtySince ??= performance.now();
}

/**
 * A stopped room as it is stored for the last time: as it was when it failed, or, where that is more than is stored, as it was
 * stored last. No successor goes on with it.
 */
export function stoppedCheckpoint(held: HeldEntity, isTooLarge: boolean, checkpoint: string): string {
  const { live, stoppedWhy } = held;
  const { n } = live;
  const { outputs, calls } = live.outbox;
  const failed = JSON.parse(checkpoint) as Checkpoint;
  const committed = JSON.parse(held.committedState ?? '{}') as Partial<Checkpoint>;
  // A claim has no birth.
  const last = committed.birth ? (committed as Checkpoint) : { ...failed, state: {} };
  const from = isTooLarge ? last : failed;
  // Those that arrived since are not to be sent by a successor, as their targets may have forgotten them.
  // And it goes nowhere any more, though it may have been offered.
  const { calls: _arrived, to: _to, offer: _offer, ...kept } = from;
  const stored = (pushes: Output[]): string =>
    JSON.stringify({
      ...kept,
      n,
      outputs: pushes,
      ...calls.toRecord(),
      stopped: stoppedWhy,
    } satisfies Checkpoint);
  const whole = stored(outputs);
  // This server sends them all the same. A message that NATS doesn't take would cost the partition its owner, time and again.
  return isTooLargeToStore(whole) ? stored(outputs.filter(({ route }) => route === stoppedRoute)) : whole;
}
