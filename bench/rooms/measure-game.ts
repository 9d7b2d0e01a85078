import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from '@ccgame/testing';
import { quantile, round } from '../connector/statistics.js';
import type { BenchGame, BenchPlayer, BenchSize } from './bench-game.js';

export interface Figures {
  /** CPU ms a second of one room, by process and of all. */
  cpuMs: Record<string, number>;
  /** Rooms that one core holds, by the CPU of all processes. */
  roomsPerCore: number;
  /** Bytes that a player gets and sends in a second, with all frames. */
  bytesDown: number;
  bytesUp: number;
  /** From an input to the first state that has it. */
  inputToViewMs: { p50: number; p99: number };
  /** A second and player. */
  views: number;
  inputs: number;
}

const everyMs = 50;

/** Plays for some seconds after a second that doesn't count. */
export async function measureGame(game: BenchGame, size: BenchSize, seconds: number): Promise<Figures> {
  const counts = { views: 0, inputs: 0 };
  const delays: number[] = [];
  const ends = game.players.map((player) => playOn(player, counts, delays));
  await sleep(1_000);
  Object.assign(counts, { views: 0, inputs: 0 });
  delays.splice(0);
  const cpuBefore = cpuOf(game);
  const { received, sent } = game.meter;
  const startedAt = performance.now();
  await sleep(seconds * 1_000);
  const passed = (performance.now() - startedAt) / 1_000;
  const cpuAfter = cpuOf(game);
  for (const end of ends) end();
  const cpuMs: Record<string, number> = { all: 0 };
  for (const name of Object.keys(cpuAfter)) {
    const ms = ((cpuAfter[name] - cpuBefore[name]) * 1_000) / passed / size.rooms;
    cpuMs[name] = round(ms, 2);
    cpuMs.all = round(cpuMs.all + ms, 2);
  }
  const perPlayer = (value: number): number => value / passed / game.players.length;
  return {
    cpuMs,
    roomsPerCore: round(1_000 / cpuMs.all),
    bytesDown: round(perPlayer(game.meter.received - received)),
    bytesUp: round(perPlayer(game.meter.sent - sent)),
    inputToViewMs: { p50: round(quantile(delays, 0.5)), p99: round(quantile(delays, 0.99)) },
    views: round(perPlayer(counts.views), 1),
    inputs: round(perPlayer(counts.inputs), 1),
  };
}

function cpuOf({ processes }: BenchGame): Record<string, number> {
  return Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, cpuSeconds(pid)]));
}

/** Steers all the time. @returns what ends that */
function playOn(
  player: BenchPlayer,
  counts: { views: number; inputs: number },
  delays: number[],
): () => void {
  const sentAt: number[] = [];
  let seen = 0;
  let turn = Math.random() * 6;
  player.onView = (inputs) => {
    counts.views += 1;
    const now = performance.now();
    for (; seen < inputs && seen < sentAt.length; seen += 1) delays.push(now - sentAt[seen]);
  };
  const steer = (): void => {
    turn += Math.random() * 0.2;
    sentAt.push(performance.now());
    counts.inputs += 1;
    player.steer(Math.cos(turn), Math.sin(turn * 0.7));
  };
  let timer = setTimeout(() => (timer = setInterval(steer, everyMs)), Math.random() * everyMs);
  return () => clearInterval(timer);
}
