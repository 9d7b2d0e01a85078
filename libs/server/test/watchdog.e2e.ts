import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@ccgame/testing';

const folder = join(process.cwd(), 'libs', 'server', 'dist', 'watchdog');
const limitMs = 1_000;

/** Runs a command as PID 1, where the machine lets users have processes of their own. */
const asFirst = ['unshare', '--user', '--map-root-user', '--pid', '--fork'];
const mayBeFirst = spawnSync(asFirst[0], [...asFirst.slice(1), 'true']).status === 0;

/** A process that is watched as a server is. */
class Watched {
  text = '';
  private readonly gone: Promise<[number | null, NodeJS.Signals | null]>;

  private constructor(readonly process: ChildProcess) {
    process.stdout?.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    process.stderr?.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    this.gone = once(process, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  }

  /**
   * @param work run 200 ms after its start, with `run(name, work)`, `spin(cpuMs)` and `sleep(ms)`
   * @param before what runs Node
   */
  static async start(work: string, nodeOptions: string[] = [], before: string[] = []): Promise<Watched> {
    const code = `
      const { startWatchdog } = await import(${JSON.stringify(join(folder, 'start-watchdog.js'))});
      const { beginWork, endWork } = await import(${JSON.stringify(join(folder, 'work-note.js'))});
      const { setTimeout: sleep } = await import('node:timers/promises');
      const run = (name, work) => { beginWork('entity.play.hung.' + name, 'b1', 'tick'); work(); endWork(); };
      const cpuMs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1_000; };
      const spin = (ms) => { for (const until = cpuMs() + ms; cpuMs() < until;); };
      startWatchdog({ warn: console.log, error: console.log });
      console.log('started');
      await sleep(200);
      ${work}
      console.log('done');
      process.exit(0);`;
    const env = {
      PATH: process.env.PATH,
      SERVER_ID: 'play-test-0',
      SERVER_TYPE: 'play',
      VERSION: '1.0.0000',
      NATS_ADDRESS: `nats://127.0.0.1:${await freePort()}`,
      HANG_TIMEOUT_SECONDS: String(limitMs / 1_000),
    };
    const all = [...before, process.execPath, ...nodeOptions, '--input-type=module', '-e', code];
    const watched = new Watched(spawn(all[0], all.slice(1), { env }));
    while (!watched.text.includes('started')) await sleep(5);
    return watched;
  }

  /** As `exit code 0` or `SIGKILL`. */
  async end(): Promise<string> {
    const [code, signal] = await this.gone;
    return signal ?? `exit code ${code}`;
  }
}

describe('a server whose event loop', () => {
  it('stands in a turn that never ends, ends itself and names its work', async () => {
    const [named, unnamed] = await Promise.all([
      Watched.start(`run('maze.a', () => { for (;;); });`),
      Watched.start('for (;;) await undefined;'),
    ]);
    expect([await named.end(), await unnamed.end()]).toEqual(['SIGKILL', 'SIGKILL']);
    const lineOf = ({ text }: Watched): unknown => JSON.parse(/\{.*server\.hung.*\}/.exec(text)?.[0] ?? '{}');
    const about = { level: 'fatal', serverId: 'play-test-0', version: '1.0.0000' };
    expect(lineOf(named)).toMatchObject({ ...about, work: 'entity.play.hung.maze.a tick' });
    // There is no NATS.
    expect(lineOf(named)).toHaveProperty('markMissing');
    expect(lineOf(unnamed)).toMatchObject(about);
    expect(lineOf(unnamed)).not.toHaveProperty('work');
  });

  it('stands still ends itself where it is PID 1, which outlives its own SIGKILL, and says so once', async () => {
    const first = await Watched.start('for (;;);', [], mayBeFirst ? asFirst : []);
    expect(await first.end()).toBe(mayBeFirst ? 'SIGTRAP' : 'SIGKILL');
    expect(first.text.match(/server\.hung/g)).toHaveLength(1);
  });

  it('takes its time goes on: much work in a row, a debugger, a pause of the process', async () => {
    const [many, debugged, paused] = await Promise.all([
      Watched.start(`for (let n = 0; n < 25; n += 1) run('maze.' + n, () => spin(100));`),
      Watched.start('spin(2_000);', ['--inspect=127.0.0.1:0']),
      Watched.start(`run('maze.a', () => spin(700)); await sleep(100);`),
    ]);
    await sleep(400);
    paused.process.kill('SIGSTOP');
    await sleep(3 * limitMs);
    paused.process.kill('SIGCONT');
    const ends = await Promise.all([many.end(), debugged.end(), paused.end()]);
    expect(ends).toEqual(['exit code 0', 'exit code 0', 'exit code 0']);
  });

  it('waits for a core goes on', async () => {
    const starved = await Watched.start(`
      await new Promise((resolve) => process.stdin.once('data', resolve));
      const startedAt = performance.now();
      run('maze.a', () => spin(200));
      console.log('took ' + (performance.now() - startedAt));`);
    const loop = ['-c', 'while :; do :; done'];
    const length = 8 * availableParallelism();
    const busy = Array.from({ length }, () => spawn('sh', loop, { stdio: 'ignore' }));
    try {
      starved.process.stdin?.write('go');
      expect(await starved.end()).toBe('exit code 0');
      expect(Number(/took (\S+)/.exec(starved.text)?.[1])).toBeGreaterThan(limitMs);
    } finally {
      for (const one of busy) one.kill('SIGKILL');
    }
  });
});
