import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ensureStream } from '@ccgame/jetstream';

export const regions = Array.from({ length: 10 }, (_, index) => `r${index}`);

const region = { type: 'enum', values: regions };

export const waitingMode = 'torture-wait';
export const backfillMode = 'torture-backfill';

/** In which nobody ever fits anybody. */
const waiting = {
  name: waitingMode,
  teams: 2,
  teamSize: 1,
  maxParty: 1,
  attributes: { region, skill: { type: 'number', min: 0, max: 1e9 } },
  hardKeys: ['region'],
  skill: { attribute: 'skill', start: 1, perSecond: 0 },
  longestWaitMs: 86_400_000,
};

const duel = { teams: 2, teamSize: 1, maxParty: 1, attributes: { region }, hardKeys: ['region'] };

const checkedMode = 'torture-checked';

/** Players of a team; a match has two teams, of one region. */
export const teamSizeOf = (mode: string): number => (mode === checkedMode ? 2 : 1);

/** One that matches at once, one whose games ask for players, one whose matches have to be accepted, one in which all wait. */
const modes = [
  { name: 'torture-duel', ...duel },
  { name: backfillMode, ...duel, backfill: true },
  {
    name: checkedMode,
    teams: 2,
    teamSize: teamSizeOf(checkedMode),
    maxParty: 2,
    attributes: { region },
    hardKeys: ['region'],
    readyCheckMs: 2_000,
  },
  waiting,
];

/** Through the KV bucket, as an operator changes modes at run time. */
export async function declareModes(nats: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(nats);
  const bucket = { max_msgs_per_subject: 5, allow_direct: true, allow_rollup_hdrs: true, deny_delete: true };
  await ensureStream(manager, {
    name: 'KV_modes',
    subjects: ['$KV.modes.>'],
    max_bytes: 2 ** 24,
    ...bucket,
  });
  for (const mode of modes) await declare(nats, mode);
}

/** From now on those who wait fit each other. */
export async function letWaitersMeet(nats: NatsConnection): Promise<void> {
  const meeting = { ...waiting, longestWaitMs: 0 };
  await declare(nats, meeting);
}

async function declare(nats: NatsConnection, mode: { name: string }): Promise<void> {
  await jetstream(nats).publish(`$KV.modes.${mode.name}`, JSON.stringify(mode));
}
