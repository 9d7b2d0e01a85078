import { setTimeout as sleep } from 'node:timers/promises';
import { arena } from '#arena/arena-contracts.js';
import { ArenaPlayer } from './arena-player.js';
import { ArenaStack, type StackSize } from './arena-stack.js';
import { judgeRooms } from './checker.js';
import { carryOut, deedPlans } from './deeds.js';
import { type Gaps, measureGaps } from './gaps.js';
import { RoomRecorder } from './room-recorder.js';
import type { Deed, RoomTranscript } from './transcript.js';
import type { Verdict } from './verdict.js';

export interface TortureOptions extends StackSize {
  rooms: number;
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
  deeds: Deed[];
  players: number;
  /** Times that a room was seen to go on under the other version's rules. */
  moves: number;
  /** Servers that said that a replay came to something else. */
  divergences: number;
  seconds: number;
}

const seats = 4;
/** Of a round of 90 s, what is left for the last deed. */
const roundMs = 75_000;

/** A release of a busy machine takes no longer. */
const mostMoveMs = 15_000;

interface Table {
  roomId: string;
  recorder: RoomRecorder;
  players: ArenaPlayer[];
}

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
  const startedAt = performance.now();
  const deeds: Deed[] = [];
  const transcripts: RoomTranscript[] = [];
  const plans = chosenPlans(options.only);
  let turn = 0;
  const isUnderWay = (): boolean => turn < plans.length || performance.now() - startedAt < options.forMs;
  while (isUnderWay()) {
    const round = await openTables(stack, options.rooms, transcripts.length);
    const roundEndsAt = performance.now() + roundMs;
    options.tell(`${round.length} rooms, ${round.length * seats} players`);
    await sleep(options.calmMs);
    while (isUnderWay() && performance.now() < roundEndsAt) {
      const plan = plans[turn % plans.length];
      const rules = round.map(newestRule);
      const deed = await carryOut(plan, stack, turn);
      if (plan.movesRooms) await untilMoved(round, rules);
      deeds.push(deed);
      options.tell(`${deed.name}: ${Math.round(deed.until - deed.at)} ms`);
      turn += 1;
      await sleep(options.calmMs);
    }
    transcripts.push(...(await closeTables(round, options.restMs)));
  }
  options.tell('judging');
  return {
    ...measureGaps(transcripts, deeds),
    verdict: judgeRooms(transcripts, deeds),
    deeds,
    players: options.rooms * seats,
    moves: transcripts.reduce((sum, transcript) => sum + countMoves(transcript), 0),
    divergences: stack.fleet.logged('entity.diverged'),
    seconds: Math.round((performance.now() - startedAt) / 1_000),
  };
}

const newestRule = ({ recorder }: Table): string | undefined => recorder.transcript.views.at(-1)?.rule;

/** Until each room was seen under the other version's rules, or it takes too long: then the report has fewer moves. */
async function untilMoved(tables: Table[], before: (string | undefined)[]): Promise<void> {
  const endsAt = performance.now() + mostMoveMs;
  const hasMoved = (table: Table, place: number): boolean => newestRule(table) !== before[place];
  while (!tables.every(hasMoved) && performance.now() < endsAt) await sleep(50);
}

function chosenPlans(only: readonly string[]): typeof deedPlans {
  if (only.length === 0) return deedPlans;
  return only.map((name) => {
    const found = deedPlans.find((plan) => plan.name.startsWith(name));
    if (!found)
      throw new Error(`There is no deed ${name}, only ${deedPlans.map((plan) => plan.name).join(', ')}`);
    return found;
  });
}

async function openTables(stack: ArenaStack, rooms: number, from: number): Promise<Table[]> {
  const tables = Array.from({ length: rooms }, (_, index): Table => {
    const roomId = `room-${from + index}`;
    const ids = Array.from({ length: seats }, (_, seat) => `p-${from + index}-${seat}`);
    const recorder = new RoomRecorder(roomId, ids);
    const players = ids.map((id) => new ArenaPlayer(id, stack.network.url, roomId, recorder));
    return { roomId, recorder, players };
  });
  await Promise.all(tables.flatMap(({ players }) => players.map(({ ready }) => ready)));
  await Promise.all(tables.map((table) => openRoom(stack, table)));
  for (const { players } of tables) for (const player of players) player.startSteering();
  return tables;
}

async function openRoom({ entities }: ArenaStack, { roomId, players }: Table): Promise<void> {
  const ids = players.map(({ playerId }) => playerId);
  await entities.create(arena, roomId, { players: ids });
  for (const id of ids) await entities.join(arena, roomId, id);
}

/** Lets everybody play on for a while, then waits for the last answers, and for what is pushed after them. */
async function closeTables(tables: Table[], restMs: number): Promise<RoomTranscript[]> {
  const players = tables.flatMap((table) => table.players);
  await sleep(restMs);
  for (const player of players) player.stopSteering();
  await Promise.all(players.map((player) => player.untilAnswered()));
  await sleep(500);
  const watchedUntil = performance.now();
  for (const player of players) player.close();
  return tables.map(({ recorder }) => Object.assign(recorder.transcript, { watchedUntil }));
}

function countMoves({ views }: RoomTranscript): number {
  const rules = [...views].sort((one, other) => one.tick - other.tick).map(({ rule }) => rule);
  return rules.filter((rule, place) => place > 0 && rule !== rules[place - 1]).length;
}
