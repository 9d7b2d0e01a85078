import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findLauncher, writeDevFile } from './dev-file.js';

/** Above what Linux gives to a process. */
const dead = 2 ** 22 + 7;

/** A release may change nothing but what its file names: where that says too little it is an error, and never a cluster. */
describe('the launcher of a folder', () => {
  let root: string;
  let control: Server;
  let answer: string;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'ccgame-dev-file-'));
    control = createServer((_, response) => response.end(answer)).listen(0, '127.0.0.1');
    await once(control, 'listening');
  });
  afterAll(() => {
    control.close();
    rmSync(root, { recursive: true, force: true });
  });

  const told = (pid: number, port = (control.address() as AddressInfo).port): void =>
    writeDevFile(root, {
      pid,
      controlUrl: `http://127.0.0.1:${port}`,
      natsAddress: 'nats://127.0.0.1:4222',
      publicUrl: 'http://127.0.0.1:3000',
      isStarting: false,
    });

  it('is there when it answers with its own name', async () => {
    told(process.pid);
    answer = String(process.pid);
    expect(await findLauncher(root)).toMatchObject({ state: 'answers' });
  });

  it.each(['', 'Bad Gateway', '1'])(
    'is silent, and not gone, where its process lives and %s answers',
    async (other) => {
      told(process.pid);
      answer = other;
      expect(await findLauncher(root)).toMatchObject({ state: 'silent', dev: { pid: process.pid } });
    },
  );

  it('is gone when its process is, whoever has its port by now', async () => {
    answer = 'another one';
    told(dead);
    expect(await findLauncher(root)).toEqual({ state: 'dead' });
    told(dead, 1);
    expect(await findLauncher(root)).toEqual({ state: 'dead' });
  });

  it.each([
    '',
    'null',
    '{}',
    '[]',
    '7',
    '{"pid":0,"controlUrl":"http://127.0.0.1:1"}',
    '{"pid":"7"}',
    `{"pid":7}`,
  ])('can not be told from %s', async (text) => {
    writeFileSync(join(root, '.ccgame', 'dev.json'), text);
    await expect(findLauncher(root)).rejects.toThrow(/dev\.json can't be read/);
  });
});
