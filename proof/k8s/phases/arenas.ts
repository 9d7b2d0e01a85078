import { judgeRooms } from '../../torture-rooms/checker.js';
import { machineMs } from '../../torture-rooms/clock.js';
import { measureGaps } from '../../torture-rooms/gaps.js';
import { closeTables, countMoves, newestRule, type Table, untilMoved } from '../../torture-rooms/tables.js';
import type { Deed, RoomTranscript } from '../../torture-rooms/transcript.js';
import { openTables } from '../arena-tables.js';
import { kubectl } from '../cluster.js';
import { gameImage } from '../images.js';
import { pause } from '../pause.js';
import { nothing, type Phase } from '../phase.js';
import { rolledOut, type Stage } from '../stage.js';

const arenas = 'statefulset/arena-prod-v100000';
const pod = 'arena-prod-v100000-0';
const tableCount = 3;
const calmMs = 3_000;

interface Plan {
  name: string;
  /** The owner of a room had no chance to hand it over. */
  isSudden?: true;
  /** All rooms go on in the other version. */
  movesRooms?: true;
  cause: (stage: Stage) => Promise<unknown>;
}

/** Each list is for one round, of 90 s. */
const rounds: Plan[][] = [
  [
    {
      name: 'rollout restart',
      cause: async () => {
        await kubectl('rollout', 'restart', arenas);
        await rolledOut(arenas);
      },
    },
    { name: 'pod deleted', cause: () => deletePod() },
  ],
  [
    { name: 'release', movesRooms: true, cause: ({ release }) => release('promote', '1.0.0001') },
    { name: 'rollback', movesRooms: true, cause: ({ release }) => release('rollback') },
    {
      name: 'pod deleted with -9',
      isSudden: true,
      cause: () => deletePod('--grace-period=0', '--force'),
    },
  ],
];

export const keepArenas: Phase = {
  line: 12,
  title: 'arenas: a rollout, a deleted pod, a release and its rollback, under the hands of players',
  mustBeZero: nothing,
  async run(stage) {
    const { release } = stage;
    await release(
      'deploy',
      '1.0.0001',
      '--only',
      'arena',
      '--image',
      gameImage('1.0.0001'),
      '--patience',
      '120',
    );
    const deeds: Deed[] = [];
    const transcripts: RoomTranscript[] = [];
    for (const plans of rounds) transcripts.push(...(await playRound(stage, plans, deeds)));
    await release('retire', '1.0.0001');
    tellVerdict(stage, transcripts, deeds);
  },
};

async function playRound(stage: Stage, plans: Plan[], deeds: Deed[]): Promise<RoomTranscript[]> {
  const tables = await openTables(stage.url, tableCount);
  await pause(calmMs);
  for (const plan of plans) {
    deeds.push(await carryOut(stage, plan, tables));
    await pause(calmMs);
  }
  return closeTables(tables, calmMs);
}

async function carryOut(stage: Stage, plan: Plan, tables: Table[]): Promise<Deed> {
  const rules = tables.map(newestRule);
  const at = machineMs();
  await plan.cause(stage);
  if (plan.movesRooms) await untilMoved(tables, rules);
  return { name: plan.name, isSudden: plan.isSudden === true, at, until: machineMs() };
}

async function deletePod(...flags: string[]): Promise<void> {
  await kubectl('delete', 'pod', pod, '--wait=true', ...flags);
  await rolledOut(arenas);
}

function tellVerdict({ report }: Stage, transcripts: RoomTranscript[], deeds: Deed[]): void {
  const { faults, counts } = judgeRooms(transcripts, deeds);
  const { gaps, calm, answers } = measureGaps(transcripts, deeds);
  for (const { kind, what } of faults.slice(0, 20)) report.say(`  ${kind}: ${what}`);
  report.figure('arenas', { ...counts, calmMs: calm, answerMs: answers });
  for (const { name, room, player } of gaps) report.figure(`${name}: gap ms`, { room, player });
  report.check(
    `of ${counts.inputs} inputs and ${counts.views} states ${faults.length} are wrong`,
    faults.length === 0,
  );
  const moves = transcripts.reduce((sum, transcript) => sum + countMoves(transcript), 0);
  const wanted = tableCount * rounds.flat().filter(({ movesRooms }) => movesRooms).length;
  report.check(
    `${moves} of ${wanted} times an arena was seen to go on under the other version’s rules`,
    moves === wanted,
  );
}
