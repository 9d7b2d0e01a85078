import type { Alarms } from './alarms.js';
import type { EntityRuntime } from './entity-of.js';
import type { Members } from './members.js';
import type { Outbox } from './outbox.js';
import type { SeededRandom } from './random.js';

interface RuntimeParts {
  id: string;
  random: SeededRandom;
  members: Members;
  alarms: Alarms;
  outbox: Outbox;
  /** The entity's time, epoch ms. */
  now: () => number;
  tick: () => number;
  end: () => void;
  /** A call to another entity is on its way out. */
  noteCall: () => void;
}

/** The services of the engine, as one entity has them. */
export function runtimeOf(parts: RuntimeParts): EntityRuntime {
  const { id, random, members, alarms, outbox, now, tick, end, noteCall } = parts;
  return {
    ...{ id, now, tick, end },
    random: () => random.next(),
    members: () => members.list,
    isAway: (playerId) => members.isAway(playerId),
    setAlarm: (method, ms, data) => alarms.setAlarm(method, now(), ms, data),
    clearAlarm: (method) => alarms.clearAlarm(method),
    push: (to, route, data, choice) => outbox.addPush(to, route, data, choice),
    sendCall: (contract, to, payload) => {
      outbox.addCall(contract, to, payload);
      noteCall();
    },
  };
}
