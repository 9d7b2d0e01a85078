import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { calmTime, ChildOutput, type NatsServer, startNats } from '@ccgame/testing';

describe('a job as the CronJob runs it', () => {
  let nats: NatsServer;
  beforeAll(async () => {
    nats = await startNats();
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
        NATS_ADDRESS: nats.address,
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
      env: { ...process.env, NODE_ENV: 'production', SERVER_TYPE: 'cron', NATS_ADDRESS: nats.address },
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
