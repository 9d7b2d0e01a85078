import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { ChildOutput, type GameNats, startGameNats } from '@ccgame/testing';
import { boards } from '../../../game/src/boards.js';
import { type Period, Periods } from '../../../libs/leaderboards/src/boards/periods.js';
import {
  periodSubject,
  resultSubject,
  scoresStream,
  scoreSubject,
  settledStream,
  settledSubject,
} from '../../../libs/leaderboards/src/store/streams.js';

const shiftedClock = join(process.cwd(), 'libs/matchmaker/test/shifted-clock.mjs');
const tenMinutesMs = 600_000;
const expect0 = { expect: { lastSubjectSequence: 0 } };

/** The job of a machine whose clock is so wrong that for it the period that runs is over, or the one before isn't. */
describe('a settlement on a machine with a wrong clock', () => {
  let nats: GameNats;
  let connection: NatsConnection;
  const periods = new Periods(boards.find(({ name }) => name === 'duel')?.reset);

  beforeAll(async () => {
    nats = await startGameNats();
    connection = await connect({ servers: nats.address });
    await runJob(0);
  });
  afterAll(async () => {
    await connection.close();
    await nats.destroy();
  });

  async function runJob(offsetMs: number): Promise<string> {
    const env = {
      ...process.env,
      NODE_ENV: 'production',
      SERVER_TYPE: 'cron',
      NATS_ADDRESS: nats.addressOf('cron'),
      CLOCK_OFFSET_MS: String(offsetMs),
    };
    const args = ['--import', shiftedClock, 'dist/servers/cron.js', 'settleLeaderboards', '--board', 'duel'];
    const job = new ChildOutput(spawn(process.execPath, args, { env }));
    const code = await job.ended;
    expect({ code, text: job.text }).toMatchObject({ code: 0 });
    return job.text;
  }

  async function countSettled(period: Period, part = '>'): Promise<number> {
    const filter = { subjects_filter: settledSubject('duel', period.name, part) };
    const { state } = await (await jetstreamManager(connection)).streams.info(settledStream.name, filter);
    return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  }

  async function countScores(period: Period): Promise<number> {
    const filter = { subjects_filter: scoreSubject('duel', period.name, '*') };
    const { state } = await (await jetstreamManager(connection)).streams.info(scoresStream.name, filter);
    return Object.keys(state.subjects ?? {}).length;
  }

  /** As a fold writes it, in a period that is over. */
  async function playIn(period: Period): Promise<void> {
    const js = jetstream(connection);
    const score = scoreSubject('duel', period.name, 'anna');
    await js.publish(score, JSON.stringify([3_000, 1, 1]), expect0);
    const record = { startsAt: period.startsAt, endsAt: period.endsAt, lastSeq: 1 };
    await js.publish(periodSubject('duel', period.name), JSON.stringify(record), expect0);
  }

  /** How far a clock is off by which the period after the one that is over hasn't begun, or is over too. */
  const behind = ({ endsAt = 0 }: Period): number => endsAt - Date.now() - tenMinutesMs;
  const ahead = (): number => (periods.at(Date.now()).endsAt ?? 0) - Date.now() + tenMinutesMs;

  it.each<[string, number, (over: Period) => number[]]>([
    ['behind', 1, (over) => [behind(over)]],
    ['ahead', 2, () => [ahead()]],
    ['behind, ahead and right at once', 3, (over) => [behind(over), ahead(), 0]],
  ])('settles once what is over, and nothing else: %s', async (_, ago, offsets) => {
    const now = periods.at(Date.now());
    const over = Array.from({ length: ago }).reduce<Period>((one) => periods.before(one) as Period, now);
    await playIn(over);
    const result = JSON.stringify({ scores: [{ playerId: 'ben', score: 1 }] });
    await jetstream(connection).publish(resultSubject('duel', `match-${ago}`), result, expect0);
    const texts = await Promise.all(offsets(over).map(runJob));
    expect(texts.join('')).not.toContain('not-settled');
    expect(await countSettled(over, 'head')).toBe(1);
    expect(await countScores(over)).toBe(0);
    expect(await countSettled(now)).toBe(0);
    expect(await countScores(now)).toBe(1);
  });
});
