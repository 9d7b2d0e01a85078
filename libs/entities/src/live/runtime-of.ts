import type { Alarms } from './alarms.js';
import type { EntityRuntime } from './entity-of.js';
import type { Members } from './members.js';
import type { Outbox } from './outbox.js';
import type { SeededRandom } from './random.js';
import type { Reading } from './reading.js';

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
  reading: Reading;
}

/** The services of the engine, as one entity has them. */
export function runtimeOf(parts: RuntimeParts): EntityRuntime {
  const { id, random, members, alarms, outbox, now, tick, end, noteCall, reading } = parts;
  return {
    ...{ id, now, tick },
    end: () => {
      reading.assertMay('end it');
      end();
    },
    random: () => random.next(),
    members: () => members.list,
    isAway: (playerId) => members.isAway(playerId),
    setAlarm: (method, ms, data) => {
      reading.assertMay('set an alarm');
      alarms.setAlarm(method, now(), ms, data);
    },
    clearAlarm: (method) => {
      reading.assertMay('clear an alarm');
      alarms.clearAlarm(method);
    },
    push: (to, route, data, choice) => outbox.addPush(to, route, data, choice),
    sendCall: (contract, to, payload) => {
      reading.assertMay('send a call');
      outbox.addCall(contract, to, payload);
      noteCall();
    },
  };
}
