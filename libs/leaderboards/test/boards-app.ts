import { RpcModule } from '@ccgame/rpc';
import { ConfiguredTokens, TokenVerifier } from '@ccgame/sessions';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ServerModule } from '@ccgame/server';
import { untilHolds } from '@ccgame/testing';
import { type Board, BOARDS } from '../src/boards/boards.js';
import { type Period, Periods } from '../src/boards/periods.js';
import { LeaderboardsModule, type LeaderboardsOptions } from '../src/leaderboards.module.js';
import { LeaderboardStore } from '../src/store/leaderboard-store.js';
import { periodSubject, scoreSubject, scoresStream } from '../src/store/streams.js';

/** Periods on the clock of NATS, put forward: days pass without waiting. */
export class ShiftedPeriods extends Periods {
  shiftMs = 0;

  override at(moment: number, running?: Period): Period {
    return super.at(moment + this.shiftMs, running);
  }
}

class TokensModule {}

/** Stands for one server process: a NATS connection of its own, and the leaderboards. */
export async function openBoards(
  natsAddress: string,
  options: LeaderboardsOptions,
  serverId = 'http-0',
): Promise<INestApplicationContext> {
  const tokens = {
    module: TokensModule,
    providers: [{ provide: TokenVerifier, useClass: ConfiguredTokens }],
    exports: [TokenVerifier],
  };
  const identity = { serverId, serverType: 'http', version: '1.0.0' };
  const root = {
    module: class {},
    imports: [
      ServerModule,
      RpcModule.forRoot({ identity, natsAddress }),
      LeaderboardsModule.forRoot({ ...options, imports: [tokens, ...(options.imports ?? [])] }),
    ],
  };
  return NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
}

export function boardOf(app: INestApplicationContext, name: string): Board {
  const boards = app.get<readonly Board[]>(BOARDS);
  const board = boards.find((one) => one.name === name);
  if (!board) throw new Error(`There is no board ${name}`);
  return board;
}

/** Puts a board's days forward by so many. Boards of one name in several apps share what was made for the first. */
export function shiftPeriods(
  app: INestApplicationContext,
  name: string,
  reset: NonNullable<ConstructorParameters<typeof Periods>[0]>,
): ShiftedPeriods {
  const periods = new ShiftedPeriods(reset);
  Object.assign(boardOf(app, name), { periods });
  return periods;
}

/** Writes scores as folds write them, without the results. The last one is of result `count`. */
export async function seedScores(
  app: INestApplicationContext,
  board: string,
  period: string,
  count: number,
  unitsOf: (index: number) => number,
): Promise<void> {
  const store = app.get(LeaderboardStore);
  const { created } = await store.times(scoresStream.name);
  const since = Math.floor(Date.parse(created) / 1_000);
  for (let start = 0; start < count; start += 1_000) {
    const indexes = Array.from({ length: Math.min(1_000, count - start) }, (_, index) => start + index);
    await store.write(
      indexes.map((index) => ({
        subject: scoreSubject(board, period, `player-${index}`),
        payload: JSON.stringify([unitsOf(index), index + 1, since]),
        expected: 0,
      })),
    );
  }
}

/** Writes a period that is over and not settled, with so many players. */
export async function seedPeriod(
  app: INestApplicationContext,
  board: string,
  { name, startsAt, endsAt }: Period,
  players: number,
): Promise<void> {
  await seedScores(app, board, name, players, (index) => index);
  const payload = JSON.stringify({ startsAt, endsAt, lastSeq: players });
  await app.get(LeaderboardStore).write([{ subject: periodSubject(board, name), payload, expected: 0 }]);
}

/** Resolves as soon as `check` holds; fails the test when it doesn't within 30 s. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  await untilHolds(check, { timeoutMs: 30_000, everyMs: 10 });
}
