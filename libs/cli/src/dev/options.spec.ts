import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPrometheus } from '../observe/find-prometheus.js';
import { parseDevOptions } from './options.js';

describe('--observe of npm start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-path-'));
  const { PATH } = process.env;
  beforeEach(() => (process.env.PATH = folder));
  afterEach(() => (process.env.PATH = PATH));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is refused with the way to get Prometheus where there is none', () => {
    expect(findPrometheus).toThrow('apt-get install prometheus');
    expect(parseDevOptions([]).observe).toBeUndefined();
  });

  it('takes the port of its page, or the usual one', () => {
    const program = join(folder, 'prometheus');
    writeFileSync(program, '');
    chmodSync(program, 0o755);
    expect(findPrometheus()).toBe(program);
    expect(parseDevOptions(['--observe']).observe).toBe(9090);
    expect(parseDevOptions(['--observe', '9191'], 'dev').observe).toBe(9191);
  });
});
