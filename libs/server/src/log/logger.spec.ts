import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Logs each of these by the built logger, as a server in production does, and gives its lines. */
function linesOf(values: string[]): Record<string, unknown>[] {
  return linesOfProgram(`for (const value of [${values.join(', ')}]) log.error(value, 'test');`);
}

const linesOfProgram = (code: string): Record<string, unknown>[] => parseLines(runProgram(code));

/** @param code with the logger as `log` */
function runProgram(code: string): string {
  const logger = join(process.cwd(), 'libs', 'server', 'dist', 'log', 'logger.js');
  const program = `
    const { JsonLogger } = await import(${JSON.stringify(logger)});
    const log = new JsonLogger();
    const refuse = () => { throw new Error('not to be looked at'); };
    const getter = (fields, name) => Object.defineProperty(fields, name, { get: refuse, enumerable: true });
    const circular = { n: 1 };
    circular.self = circular;
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const { rpcContext } = await import('@ccgame/rpc');
    ${code}`;
  const env = { PATH: process.env.PATH, NODE_ENV: 'prod', SERVER_TYPE: 'cron', SERVER_ID: 'cron-0' };
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...env, VERSION: '1.0.0000', NATS_ADDRESS: 'nats://127.0.0.1:4222' },
    encoding: 'utf8',
  });
}

function parseLines(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Values that are logged, as JavaScript, and what the line has of them. */
const values: [string, object][] = [
  ["{ event: 'a', n: 1n }", { event: 'a' }],
  ["{ event: 'b', circular }", { event: 'b' }],
  ["getter({ event: 'c', token: 'abc' }, 'bad')", { event: 'c', bad: '[getter]', token: '[hidden]' }],
  ["{ event: 'd', inner: getter({ token: 'abc', at: 1 }, 'bad') }", { event: 'd' }],
  ["{ event: 'e', err: getter(new Error('x'), 'message') }", { event: 'e' }],
  ["{ event: 'f', err: getter(new Error('x'), 'stack') }", { event: 'f' }],
  ["getter(new Error('x'), 'message')", {}],
  ["{ event: 'g', proxy: revoked.proxy }", { event: 'g' }],
  ['revoked.proxy', {}],
  ["{ event: 'h', toJSON: refuse }", { event: 'h' }],
  ["{ event: 'i', at: { toJSON: refuse } }", { event: 'i' }],
  ["Symbol('x')", {}],
  ['Object.create(null)', {}],
];

describe('the log', () => {
  it('writes a line of whatever it is given, and throws nothing', () => {
    const lines = linesOf(values.map(([value]) => value));
    expect(lines).toHaveLength(values.length);
    for (const [index, [, fields]] of values.entries())
      expect(lines[index]).toMatchObject({ ...fields, level: 'error', context: 'test' });
    expect(JSON.stringify(lines)).not.toContain('abc');
  });

  it('says of each line which request it is about, and whose', () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const [inside, outside] = linesOfProgram(`
      const attributes = { uid: 'anna', session: 's1', request: '7' };
      const context = { traceparent: '00-${trace}-00f067aa0ba902b7-01', route: 'matching.join', attributes };
      rpcContext.run(context, () => log.log({ event: 'a' }, 'test'));
      log.log({ event: 'b' }, 'test');`);
    const about = { trace, route: 'matching.join', playerId: 'anna', session: 's1', request: '7' };
    expect(inside).toMatchObject({ event: 'a', ...about });
    expect(Object.keys(outside ?? {})).not.toEqual(expect.arrayContaining(['trace']));
  });

  it('writes debug lines while it is told to, and then as LOG_LEVEL says', () => {
    const lines = linesOfProgram(`
      const debug = (event) => log.debug({ event }, 'test');
      debug('before');
      log.writeAll(true);
      debug('meanwhile');
      log.writeAll(false);
      debug('after');
      log.log({ event: 'end' }, 'test');`);
    expect(lines.map(({ event }) => event)).toEqual(['meanwhile', 'end']);
  });

  it('throws nothing while its lines cannot be written, keeps a megabyte of them, and goes on', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ccgame-log-'));
    const file = join(folder, 'log');
    runProgram(`
      const { closeSync, openSync } = await import('node:fs');
      closeSync(1);
      for (let n = 0; n < 5_000; n++) log.log({ event: 'during', n, text: 'x'.repeat(1_000) }, 'test');
      // It gets the lowest number that is free: that of standard output.
      openSync(${JSON.stringify(file)}, 'w');
      log.log({ event: 'after' }, 'test');
      log.log({ event: 'end' }, 'test');`);
    const lines = parseLines(readFileSync(file, 'utf8'));
    rmSync(folder, { recursive: true });
    expect(lines[0]).toMatchObject({ event: 'during', n: 0 });
    expect(lines.length).toBeGreaterThan(800);
    expect(lines.length).toBeLessThan(1_000);
    expect(lines.at(-1)).toMatchObject({ event: 'end' });
  });
});
