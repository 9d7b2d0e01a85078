import { setTimeout as sleep } from 'node:timers/promises';
import { arena } from '#arena/arena-contracts.js';
import { ArenaStack, type StackSize } from './arena-stack.js';
import { type Calm, type CalmLoad, excuseLate, limitsPassed, measureCalm } from './calm-load.js';
import { judgeRooms } from './checker.js';
import { machineMs } from './clock.js';
import type { CrowdReport, TablePlan } from './crowd.js';
import { Crowds } from './crowds.js';
import { carryOut, type DeedPlan, plansFor, restBefore } from './deeds.js';
import { type Gaps, measureGaps } from './gaps.js';
import { LoopMeter } from './loop-meter.js';
import { countMoves } from './tables.js';
import { countTicks } from './tick-counts.js';
import type { Deed } from './transcript.js';
import type { Fault, Verdict } from './verdict.js';

export interface TortureOptions extends StackSize {
  rooms: number;
  /** Threads that the players are in. */
  threads: number;
  /** So long new deeds begin, ms; each of the plans is carried out once at least. */
  forMs: number;
  /** Between two deeds, and before the first one, ms. */
  calmMs: number;
  /** After the last deed everything has to play again for so long, ms. */
  restMs: number;
  /** Names of deeds, in this order; all where it is empty. */
  only: readonly string[];
  tell: (line: string) => void;
}

export interface TortureReport extends Gaps {
  verdict: Verdict;
  /** Faults that the machine alone may have made, as it was beyond its limit. */
  excused: Fault[];
  /** By what it was. */
  limitsPassed: string[];
  load: CalmLoad;
  deeds: Deed[];
  players: number;
  /** Times that a room was seen to go on under the other version's rules. */
  moves: number;
  /** Servers that said that a replay came to something else. */
  divergences: number;
  seconds: number;
}

/** The things that were seen so far. */
interface Seen {
  deeds: Deed[];
  calms: Calm[];
  reports: CrowdReport[];
}

const seats = 4;
/** Until the players of a round are counted on, ms. */
const settleMs = 1_000;
/** The part of a round of 90 s that is left for the last deed. */
const roundMs = 75_000;
/** A room that comes back later than that is lost, ms: one that is slow is seen by its gap. */
const patientMs = 30_000;

/** Rooms with their players on real servers, while these are killed, paused, stopped, added and replaced by another version's. */
export async function tortureRooms(options: TortureOptions): Promise<TortureReport> {
  const stack = await ArenaStack.start(options);
  let isGood = false;
  try {
    const report = await playRounds(stack, options);
    isGood = report.verdict.faults.length === 0;
    return report;
  } finally {
    if (!isGood) options.tell(`logs: ${stack.nats.folder}`);
    await stack.stop(!isGood);
  }
}

async function playRounds(stack: ArenaStack, options: TortureOptions): Promise<TortureReport> {
  const startedAt = machineMs();
  const seen: Seen = { deeds: [], calms: [], reports: [] };
  const plans = chosenPlans(plansFor(options), options.only);
  const isUnderWay = (): boolean =>
    seen.deeds.length < plans.length || machineMs() - startedAt < options.forMs;
  while (isUnderWay()) await playRound(stack, options, plans, seen, isUnderWay);
  options.tell('judging');
  const { deeds, calms, reports } = seen;
  const transcripts = reports.flatMap((one) => one.transcripts);
  const { faults, counts } = judgeRooms(transcripts, deeds);
  const load = measureCalm(reports, calms);
  const passed = limitsPassed(load);
  const parted = excuseLate({ faults, counts }, passed);
  return {
    ...measureGaps(transcripts, deeds),
    verdict: { faults: parted.faults, counts },
    excused: parted.excused,
    limitsPassed: passed,
    load,
    deeds,
    players: options.rooms * seats,
    moves: transcripts.reduce((sum, transcript) => sum + countMoves(transcript), 0),
    divergences: stack.fleet.logged('entity.diverged'),
    seconds: Math.round((machineMs() - startedAt) / 1_000),
  };
}

async function playRound(
  stack: ArenaStack,
  options: TortureOptions,
  plans: readonly DeedPlan[],
  { deeds, calms, reports }: Seen,
  isUnderWay: () => boolean,
): Promise<void> {
  const meter = new LoopMeter();
  const crowds = await openTables(stack, options, deeds.length);
  try {
    const endsAt = machineMs() + roundMs;
    options.tell(`${options.rooms} rooms, ${options.rooms * seats} players`);
    await sleep(settleMs);
    calms.push(await watchCalm(stack, options.calmMs));
    while (isUnderWay() && machineMs() < endsAt) {
      const plan = plans[deeds.length % plans.length];
      await sleep(restBefore(plan, deeds, machineMs()));
      const rules = await crowds.rules();
      const deed = await carryOut(plan, stack, deeds.length);
      if (plan.movesRooms) await crowds.untilMoved(rules);
      deeds.push(deed);
      options.tell(`${deed.name}: ${Math.round(deed.until - deed.at)} ms`);
      await sleep(options.calmMs);
    }
    await sleep(options.restMs);
    await crowds.untilAllSeen(patientMs);
    reports.push(...(await crowds.close()), { transcripts: [], delays: meter.delays });
  } finally {
    meter.stop();
    await crowds.end();
  }
}

async function watchCalm(stack: ArenaStack, forMs: number): Promise<Calm> {
  const before = await countTicks(stack);
  const from = machineMs();
  await sleep(forMs);
  const to = machineMs();
  const after = await countTicks(stack);
  return {
    from,
    to,
    ticks: after.ticks - before.ticks,
    lateTicks: after.lateTicks - before.lateTicks,
  };
}

function chosenPlans(all: readonly DeedPlan[], only: readonly string[]): readonly DeedPlan[] {
  if (only.length === 0) return all;
  return only.map((name) => {
    const found = all.find((plan) => plan.name.startsWith(name));
    if (!found) throw new Error(`There is no deed ${name}, only ${all.map((plan) => plan.name).join(', ')}`);
    return found;
  });
}

async function openTables(
  stack: ArenaStack,
  { rooms, threads }: TortureOptions,
  round: number,
): Promise<Crowds> {
  const plans = Array.from({ length: rooms }, (_, index): TablePlan => ({
    roomId: `room-${round}-${index}`,
    playerIds: Array.from({ length: seats }, (__, seat) => `p-${round}-${index}-${seat}`),
  }));
  const crowds = await Crowds.open(stack.root, plans, stack.playerUrls, threads);
  try {
    await Promise.all(plans.map((plan) => openRoom(stack, plan)));
    await crowds.start();
    return crowds;
  } catch (error) {
    await crowds.end();
    throw error;
  }
}

async function openRoom({ entities }: ArenaStack, { roomId, playerIds }: TablePlan): Promise<void> {
  await entities.create(arena, roomId, { players: playerIds });
  for (const id of playerIds) await entities.join(arena, roomId, id);
}
