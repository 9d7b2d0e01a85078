import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Controller } from '@nestjs/common';
import { connect } from '@nats-io/transport-node';
import { firstTable, ReleaseStore } from '@ccgame/releases';
import { ServerHandler, serverHandler } from '@ccgame/rpc';
import { calmTime, ChildOutput, type GameNats, startGameNats } from '@ccgame/testing';
import { startRpcApp } from '../../../libs/rpc/test/rpc-app.js';

@Controller()
class MatchingController {
  @ServerHandler(serverHandler({ serverType: 'matching', handler: 'version_of', result: String }))
  tellVersion(): string {
    return '1.0.0000';
  }
}

/** As a job does it. */
const callOfJob = `
  import { NestFactory } from '@nestjs/core';
  import { RpcService } from '@ccgame/rpc';
  const { CronModule } = await import('./dist/apps/cron/src/cron.module.js');
  const app = await NestFactory.createApplicationContext(CronModule, { logger: false, abortOnError: false });
  const answer = await app.get(RpcService).doRPC({ serverType: 'matching', handler: 'version_of' });
  await app.close();
  process.stdout.write(answer, () => process.exit(0));
`;

describe('a job as the CronJob runs it', () => {
  let nats: GameNats;
  beforeAll(async () => {
    nats = await startGameNats();
  });
  afterAll(() => nats.destroy());

  function run(
    name: string,
    env: Record<string, string> = {},
    args: string[] = [],
  ): { status: number | null; text: string } {
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', `start:${name}`, '--', ...args], {
      env: {
        ...process.env,
        NODE_ENV: 'production',
        SERVER_TYPE: 'cron',
        NATS_ADDRESS: nats.addressOf('cron'),
        ...env,
      },
      encoding: 'utf8',
    });
    return { status, text: stdout + stderr };
  }

  it('ends with 0 when the job is done', () => {
    const { status, text } = run('testCron');
    expect(text).toContain('"event":"test-cron.ran"');
    expect(status).toBe(0);
  });

  it.each([
    [
      'a throw that nobody caught',
      'const circle = {}; circle.circle = circle; throw circle',
      /circle: \[Circular/,
    ],
    ['a rejection that nobody caught', 'Promise.reject({ n: 1n })', /n: 1n/],
    ['a throw of nothing', 'throw undefined', /undefined/],
  ])('ends with 1 and a line where there is %s', (_, fault, shown) => {
    // From when on the job looks for what nobody catches.
    const planted = `
      if (process.argv.some((one) => one.includes('servers/cron')))
        process.on('newListener', (event) => {
          if (event === 'uncaughtException') setImmediate(() => { ${fault} });
        });`;
    const { status, text } = run('testCron', {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(planted)}`,
    });
    expect({ status, text }).toEqual({
      status: 1,
      text: expect.stringContaining('"event":"process.failed"'),
    });
    expect(text).toMatch(shown);
  });

  it('calls the servers that stand in where its version has none of a type, by the release table', async () => {
    const matching = await startRpcApp({
      natsAddress: nats.address,
      serverId: 'matching-0',
      version: '1.0.0000',
      controllers: [MatchingController],
    });
    const connection = await connect({ servers: nats.address });
    try {
      const store = await ReleaseStore.open(connection);
      const fallbacks = { matching: { '1.0.0001': '1.0.0000' } };
      const table = { ...firstTable('production', '1.0.0001', ['1.0.0000']), fallbacks };
      await store.writeFirstTable(table, { who: 'a test', why: '', action: 'init' });
      const env = { SERVER_TYPE: 'cron', VERSION: '1.0.0001', NATS_ADDRESS: nats.addressOf('cron') };
      const job = new ChildOutput(
        spawn(process.execPath, ['--input-type=module', '--eval', callOfJob], {
          env: { ...process.env, NODE_ENV: 'production', ...env },
        }),
      );
      const code = await job.ended;
      expect({ code, text: job.text }).toEqual({ code: 0, text: expect.stringMatching(/1\.0\.0000$/) });
    } finally {
      await connection.close();
      await matching.close();
    }
  });

  it('settles the leaderboard with nothing to settle', () => {
    const { status, text } = run('settleLeaderboards');
    expect(status).toBe(0);
    expect(text).toContain('"reason":"has nothing to settle"');
  });

  it('is told a board, says what it left out, and ends with 2 for an argument that it does not take', () => {
    const told = run('settleLeaderboards', {}, ['--board', 'duel', '--period', '20260101T000000Z']);
    expect(told.status).toBe(0);
    expect(told.text).toContain('"event":"job.skipped"');
    expect(told.text).not.toContain('"board":"ranked"');
    const wrong = run('settleLeaderboards', {}, ['--day', '2026-01-01']);
    expect([wrong.status, wrong.text]).toEqual([2, expect.stringContaining('--period')]);
  });

  it('ends with 1 and says what is wrong with the environment, without a stack', () => {
    const { status, text } = run('testCron', { TOKEN_SECRET: 'short', WS_TYPE: 'ws' });
    expect(status).toBe(1);
    expect(text).toMatch(/WS_TYPE: expected "socket.io"[^]*TOKEN_SECRET: expected/);
    expect(text).not.toContain('    at ');
  });

  it('ends within seconds when its pod is deleted, wherever it stands, and leaves no process behind', async () => {
    nats.pause();
    // A process group of its own: whoever is left would be found there.
    const pod = spawn('npm', ['run', '--silent', 'start:testCron'], {
      env: {
        ...process.env,
        NODE_ENV: 'production',
        SERVER_TYPE: 'cron',
        NATS_ADDRESS: nats.addressOf('cron'),
      },
      detached: true,
    });
    try {
      // It says so once NATS has not answered: the job has begun, and hangs.
      await new ChildOutput(pod).prints(/\S/);
      const calmMs = calmTime();
      pod.kill('SIGTERM');
      await once(pod, 'exit');
      expect(calmMs()).toBeLessThan(5_000);
      expect(() => process.kill(-(pod.pid as number), 0)).toThrow('ESRCH');
    } finally {
      nats.resume();
    }
  });

  it.each(['nothing', 'constructor'])('ends with 2 for a job that does not exist, %s', (name) => {
    const { status, stderr } = spawnSync(process.execPath, ['dist/servers/cron.js', name], {
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toContain('testCron, settleLeaderboards');
  });
});
