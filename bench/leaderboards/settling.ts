import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { AckedPublisher } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { ChildOutput, startGameNats, type StartedServer, startServer } from '@ccgame/testing';
import { type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { readBoard, untilShown } from './boards-questions.js';
import { dayOf, seedScores, submit } from './scores.js';

const dayMs = 86_400_000;
const pollMs = 5;
const restMs = 50;

export interface SettlingFigures {
  /** The job's process from its start to its end, ms. */
  jobMs: number;
  /** The longest that a result of the running period waited meanwhile until it was accepted, and until it was shown; ms. */
  longestAcceptedMs: number;
  longestShownMs: number;
  results: number;
}

/** Settles yesterday's period of so many players, while results of today come in and are shown. */
export async function measureSettling(players: number): Promise<SettlingFigures> {
  const nats = await startGameNats();
  const connection = await connect({ servers: nats.address });
  const labels = { serverType: 'http', version: '1.0.0000' };
  const options = { root: process.cwd(), ...labels, nats, logFolder: nats.folder };
  const start = async (): Promise<StartedServer> => {
    const server = await startServer(options);
    await server.process.untilReady();
    return server;
  };
  await seedYesterday(connection, players);
  const server = await start();
  await untilShown(server.port, players, 'previous');
  const probe = new ResultsProbe(connection, server.port);
  const probing = probe.run();
  const startedAt = performance.now();
  const job = new ChildOutput(
    spawn(process.execPath, ['dist/servers/cron.js', 'settleLeaderboards', '--board', 'duel'], {
      env: { ...process.env, NODE_ENV: 'dev', SERVER_TYPE: 'cron', NATS_ADDRESS: nats.addressOf('cron') },
    }),
  );
  const code = await job.ended;
  const jobMs = Math.round(performance.now() - startedAt);
  probe.stop();
  await probing;
  if (code !== 0 || !/"done":1\b/.test(job.text)) throw new Error(`Not settled: ${job.text}`);
  await server.process.stop();
  await connection.close();
  await nats.destroy();
  return { jobMs, ...probe.figures };
}

async function seedYesterday(connection: NatsConnection, players: number): Promise<void> {
  const day = dayOf(Date.now() - dayMs);
  await seedScores(connection, players, day);
  const endsAt = Math.floor(Date.now() / dayMs) * dayMs;
  const record = { startsAt: endsAt - dayMs, endsAt, lastSeq: 0 };
  const publisher = new AckedPublisher(connection, new NatsHealth(connection));
  const subject = `leaderboards.period.duel.${day}`;
  await publisher.publishAll([{ subject, payload: JSON.stringify(record), expected: 0 }]);
  publisher.close();
}

/** One new player after the other has a result, and looks at the board until it is there. */
class ResultsProbe {
  private readonly acceptedMs: number[] = [];
  private readonly shownMs: number[] = [];
  private isStopped = false;

  constructor(
    private readonly connection: NatsConnection,
    private readonly port: number,
  ) {}

  get figures(): Omit<SettlingFigures, 'jobMs'> {
    return {
      longestAcceptedMs: Math.round(Math.max(...this.acceptedMs)),
      longestShownMs: Math.round(Math.max(...this.shownMs)),
      results: this.shownMs.length,
    };
  }

  async run(): Promise<void> {
    for (let number = 0; !this.isStopped; number += 1) {
      const player = `probe-${number}`;
      const sentAt = performance.now();
      await submit(this.connection, `probe-${number}`, player);
      this.acceptedMs.push(performance.now() - sentAt);
      const isShown = () =>
        readBoard(this.port, `/players/${player}`).then(
          () => true,
          () => false,
        );
      while (!(await isShown())) await sleep(pollMs);
      this.shownMs.push(performance.now() - sentAt);
      await sleep(restMs);
    }
  }

  stop(): void {
    this.isStopped = true;
  }
}
