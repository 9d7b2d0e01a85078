import type { EntityClass } from '../contract/decorators.js';
import { handlersOf, markOf } from '../contract/decorators.js';
import { downgradeState, upgradeState } from '../live/change-state.js';
import type { EntityOf } from '../live/entity-of.js';
import { LiveEntity } from '../live/live-entity.js';
import type { Answer } from '../live/records.js';
import { listChanges } from './list-changes.js';
import type { RecordedStep, Recording } from './recording.js';

/** Where code came to something else than what was recorded. */
export interface ReplayDifference {
  /** The room's tick: the one that came to something else, or after which the input came. */
  tick: number;
  /** In a few words: `tick`, or the input's name and its player. */
  what: string;
  /** A line a place: `pieces[2].x: 311 instead of 310`. */
  changes: string[];
}

/** The outcome of a replay. */
export interface ReplayResult {
  ticks: number;
  inputs: number;
  /** The first one; the replay ends there. Left out: the code comes to the very same. */
  difference?: ReplayDifference;
}

/**
 * Plays a room's recording with its class of these, and compares each answer, and the state after each tick, with what was recorded.
 * The class is constructed without arguments. A state of an older version is upgraded, and compared by `downgrade`.
 *
 * @throws RpcError ENTITY_REFUSED where the class doesn't take the state; Error where there is none
 */
export function replayRecording(classes: readonly EntityClass[], { head, steps }: Recording): ReplayResult {
  const roomClass = classes.find((one) => markOf(one).contract.name === head.entity);
  if (!roomClass) throw new Error(`There is no class for ${head.entity}`);
  const mark = markOf(roomClass);
  const instance = new roomClass();
  const { checkpoint, stateVersion, id } = head;
  const revive = (state: object): LiveEntity =>
    LiveEntity.restore(`${head.entity}.${id}`, id, mark, instance, { ...checkpoint, state }, () => undefined);
  // With its id, time and members there, which `upgrade` may look at.
  const live = revive(checkpoint.state);
  if (checkpoint.birth !== '') instance.state = upgradeState(instance, mark, { ...checkpoint, stateVersion });
  const replay = new Replay(live, instance, (found) => {
    const older = downgradeState(found, mark, stateVersion);
    return JSON.parse(JSON.stringify(older?.state ?? found.state ?? {})) as unknown;
  });
  const names = new Map(handlersOf(roomClass).map(({ contract, method }) => [method, contract.handler]));
  for (const step of steps) {
    const difference = replay.playStep(step, names);
    if (difference) return { ...replay.counts, difference };
  }
  return replay.counts;
}

type RecordedTick = Extract<RecordedStep, { tick: number }>;

class Replay {
  readonly counts = { ticks: 0, inputs: 0 };

  constructor(
    private readonly live: LiveEntity,
    private readonly instance: EntityOf,
    private readonly stateOf: (instance: EntityOf) => unknown,
  ) {}

  playStep(step: RecordedStep, names: ReadonlyMap<string, string>): ReplayDifference | undefined {
    if ('tick' in step) return this.playTick(step);
    this.counts.inputs += 1;
    const { tick } = this.live;
    if ('volatile' in step) {
      const { method, payload, playerId } = step.volatile;
      this.live.applyUnstored(method, payload, playerId, false);
      return undefined;
    }
    const { input, answer } = step;
    const changes = listChanges(comparable(answer), plain(comparable(this.live.apply(input))));
    const by = input.p === undefined ? '' : ` of ${input.p}`;
    const what = `the answer to ${input.b ?? names.get(input.h) ?? input.h}${by}`;
    return changes.length > 0 ? { tick, what, changes } : undefined;
  }

  private playTick({ tick, state, surroundings }: RecordedTick): ReplayDifference | undefined {
    this.counts.ticks += 1;
    try {
      this.live.runTick();
    } catch {
      // It threw when it was recorded, too, or the state says otherwise.
    }
    const changes = listChanges(state, this.stateOf(this.instance));
    if (changes.length > 0) return { tick, what: 'the state', changes };
    const around = listChanges(
      { tick, ...surroundings },
      plain({ tick: this.live.tick, ...this.live.surroundings }),
    );
    return around.length > 0 ? { tick, what: 'what is around the state', changes: around } : undefined;
  }
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

/** Without the incident of an INTERNAL error: it is named anew each time. */
function comparable(answer: Answer): Answer {
  if (!('error' in answer) || answer.error.code !== 'INTERNAL') return answer;
  const { details: _incident, ...error } = answer.error;
  return { error };
}
