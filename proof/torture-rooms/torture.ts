import { setTimeout as sleep } from 'node:timers/promises';
import { arena } from '#arena/arena-contracts.js';
import { connect } from '@ccgame/client';
import { tokenOf } from '@ccgame/testing';
import type { Game } from '#game/contracts.js';
import { ArenaPlayer } from './arena-player.js';
import { ArenaStack, type StackSize } from './arena-stack.js';
import { judgeRooms } from './checker.js';
import { carryOut, type DeedPlan, plansFor } from './deeds.js';
import { type Gaps, measureGaps } from './gaps.js';
import { RoomRecorder } from './room-recorder.js';
import { closeTables, countMoves, newestRule, type Table, untilMoved } from './tables.js';
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
const answerWithinMs = 30_000;
/** The part of a round of 90 s that is left for the last deed. */
const roundMs = 75_000;

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
  const plans = chosenPlans(plansFor(options), options.only);
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

function chosenPlans(all: readonly DeedPlan[], only: readonly string[]): readonly DeedPlan[] {
  if (only.length === 0) return all;
  return only.map((name) => {
    const found = all.find((plan) => plan.name.startsWith(name));
    if (!found) throw new Error(`There is no deed ${name}, only ${all.map((plan) => plan.name).join(', ')}`);
    return found;
  });
}

async function openTables(stack: ArenaStack, rooms: number, from: number): Promise<Table[]> {
  const tables = Array.from({ length: rooms }, (_, index): Table => {
    const roomId = `room-${from + index}`;
    const ids = Array.from({ length: seats }, (_, seat) => `p-${from + index}-${seat}`);
    const recorder = new RoomRecorder(roomId, ids);
    const { url } = stack.network;
    const players = ids.map((id) => {
      const client = connect<Game>({ url, token: () => tokenOf(id), timeoutMs: answerWithinMs });
      return new ArenaPlayer(id, client, roomId, recorder);
    });
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
