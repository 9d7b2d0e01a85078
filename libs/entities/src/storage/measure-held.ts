import { Logger } from '@nestjs/common';
import { errorText } from '@ccgame/config';
import { RpcError } from '@ccgame/rpc';
import { EntityErrors } from '../errors.js';
import { assertKept } from '../live/plain-state.js';
import type { Measure, Snapshot } from '../live/records.js';
import { mostBytesBeside } from '../live/snapshot.js';
import type { EntityKind, HeldEntity } from '../memory/held-entity.js';
import { stopRoom, stoppedCheckpoint } from '../rooms/stop-room.js';
import { isSurelyStorable, isTooLargeToStore } from './checkpoint-size.js';
import type { Measures } from './last-states.js';
import type { PendingInput } from './pending-input.js';

/** A look at a whole state takes about as long as to write it down: so one entity of a class is looked at in this time, ms. */
const looksEveryMs = 10_000;
const lookedAt = new WeakMap<EntityKind, number>();

/** Stands for a state that can't be had. */
const noState = '{}';

const log = new Logger('entities');

const isTooLarge = ({ kind }: HeldEntity, { stateBytes, checkpoint }: Snapshot): boolean =>
  stateBytes > kind.mark.maxStateBytes || isTooLargeToStore(checkpoint);

/** A room as its inputs have made it. One whose state JSON can't hold is stopped. */
function measureRoom(held: HeldEntity): Measure {
  return held.live.measure(stateOf(held) ?? noState);
}

/**
 * An entity as it is to be stored. A room's ticks can't be taken back: one that has grown too large, or that JSON can't hold, is stopped,
 * as it was stored last. Another entity that a volatile input has spoilt goes back to that.
 */
export function measureHeld(held: HeldEntity): Snapshot {
  if (!held.isRoom) return measureUnspoilt(held);
  const state = stateOf(held);
  const snapshot = held.live.snapshot(state ?? noState);
  held.noteSize(snapshot.checkpoint);
  const isLost = state === undefined || isTooLarge(held, snapshot);
  if (isLost) stopRoom(held, sizeOf(snapshot));
  if (!held.isStopped) return snapshot;
  return { ...snapshot, checkpoint: stoppedCheckpoint(held, isLost, snapshot.checkpoint) };
}

function sizeOf({ stateBytes, checkpoint }: Snapshot): string {
  const bytes = Buffer.byteLength(checkpoint);
  return `its state has ${stateBytes} bytes, and ${bytes} with members, pushes and calls`;
}

function measureUnspoilt(held: HeldEntity): Snapshot {
  const measured = trySnapshot(held, stateOf(held));
  if (!(measured instanceof RpcError)) return measured;
  const entity = held.kind.mark.contract.name;
  log.error({ event: 'entity.went-back', entity, id: held.id, code: measured.code });
  held.goBack();
  return held.live.snapshot();
}

/**
 * An entity as its inputs have made it; or, where that can't be stored, what the caller is told. It is written down as a whole only where
 * it may be too large, or where its inputs alone don't lead there: nearly no call has to pay for that.
 */
export function tryMeasure(held: HeldEntity): Measure | Snapshot | RpcError {
  const state = stateOf(held);
  return state !== undefined && isSurelyStored(held, state)
    ? held.live.measure(state)
    : trySnapshot(held, state);
}

function isSurelyStored({ live, kind, isLongSince }: HeldEntity, state: string): boolean {
  if (!live.isBorn || live.isTainted || isLongSince) return false;
  const bytes = Buffer.byteLength(state);
  return bytes <= kind.mark.maxStateBytes && isSurelyStorable(bytes + mostBytesBeside(live, live.parts));
}

function trySnapshot(held: HeldEntity, state: string | undefined): Snapshot | RpcError {
  if (state === undefined) return new RpcError('INTERNAL', { message: 'The state would be no JSON' });
  const snapshot = held.live.snapshot(state);
  if (!isTooLarge(held, snapshot)) return snapshot;
  const limit = held.kind.mark.maxStateBytes;
  return EntityErrors.STATE_TOO_LARGE({ details: { bytes: snapshot.stateBytes, limit } });
}

/**
 * From what was stored last, one input after the other. Each refusal goes back to what is written down then: all that was stored since the last
 * checkpoint would be played again as often as inputs are refused. Should this flush fail, the entity is forgotten with its partition.
 *
 * @returns those that are refused
 */
function applyWhatFits(held: HeldEntity, inputs: PendingInput[]): PendingInput[] {
  const refused: PendingInput[] = [];
  let fitting: PendingInput[] = [];
  const rebuild = (): void => {
    held.goBack();
    for (const one of fitting) one.answer = held.live.apply(JSON.parse(one.json) as PendingInput['input']);
    // A checkpoint of one that is not born doesn't say whether it has ended just now.
    if (!held.live.isBorn) return;
    held.commitAs(held.live.snapshot().checkpoint);
    fitting = [];
  };
  rebuild();
  for (const one of inputs) {
    one.answer = held.live.apply(JSON.parse(one.json) as PendingInput['input']);
    const measured = tryMeasure(held);
    if (measured instanceof RpcError) {
      refused.push(one);
      one.refuse(measured);
      rebuild();
    } else fitting.push(one);
  }
  return refused;
}

/**
 * An entity's state as JSON. Undefined: JSON can't hold it, and a room is stopped. It is a fault of the game's code, of which this entity alone
 * may suffer.
 */
export function stateOf(held: HeldEntity): string | undefined {
  const { live, kind, id } = held;
  try {
    const json = live.stateJson();
    lookAtState(held);
    return json;
  } catch (error) {
    if (held.isRoom) stopRoom(held, `its state is no JSON: ${errorText(error)}`.slice(0, 200));
    else log.error({ event: 'entity.state-no-json', entity: kind.mark.contract.name, id, err: error });
    return undefined;
  }
}

/** Tells of a state that is stored as something else, as with a Map or NaN in it: that is lost when the entity sleeps or moves. */
function lookAtState({ live, kind, id }: HeldEntity): void {
  const now = performance.now();
  if (now - (lookedAt.get(kind) ?? -Infinity) < looksEveryMs) return;
  lookedAt.set(kind, now);
  try {
    assertKept(live.instance.state);
  } catch (error) {
    log.error({ event: 'entity.state-lossy', entity: kind.mark.contract.name, id, err: error });
  }
}

/** Takes the measure of what the inputs made, and takes back those that made a state too large. */
export function measureInputs(inputs: PendingInput[]): { kept: PendingInput[]; measures: Measures } {
  const measures: Measures = new Map();
  const refused = new Set<PendingInput>();
  for (const held of new Set(inputs.map((input) => input.held))) {
    // The states of rooms are stored from time to time alone.
    if (held.isRoom) {
      measures.set(held, measureRoom(held));
      continue;
    }
    const measured = tryMeasure(held);
    if (measured instanceof RpcError) {
      const own = inputs.filter((input) => input.held === held);
      for (const one of applyWhatFits(held, own)) refused.add(one);
    }
    measures.set(held, measured instanceof RpcError ? held.live.snapshot() : measured);
  }
  return { kept: inputs.filter((input) => !refused.has(input)), measures };
}
