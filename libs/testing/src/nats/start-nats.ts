import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNats } from './find-nats.js';
import { NatsProblem } from './nats-problem.js';
import { NatsServer, type NatsServerOptions } from './nats-server.js';

const name = 'nats-server';
/** Shared by the test files of one of Jest's workers (jest-environment.cjs). */
const found = (globalThis as { [key: symbol]: Map<string, string> | undefined })[Symbol.for('ccgame.found')];

/** The binary, found as `npm start` finds it, and a new folder. @throws NatsProblem */
export async function natsOptions(): Promise<NatsServerOptions> {
  // Each look runs it for its version, a twentieth of a second of CPU.
  const binary = found?.get(name) ?? (await findBinary());
  found?.set(name, binary);
  // Go collects a heap as small as a test's again and again, which took a sixth of the CPU.
  return { binary, folder: mkdtempSync(join(tmpdir(), 'ccgame-nats-')), env: { GOGC: '400' } };
}

async function findBinary(): Promise<string> {
  const source = await findNats({ root: process.cwd(), binaryOnly: true });
  if (source.kind === 'binary') return source.path;
  throw new NatsProblem('The tests need a nats-server binary on PATH, or Go to build one.');
}

/**
 * A NATS server of the test's own, on a free port and with files in a new folder. Call `destroy()` in `afterAll`.
 *
 * @throws NatsProblem when no binary can be had: tests kill, pause and restart the server, so an address won't do.
 */
export async function startNats(): Promise<NatsServer> {
  return NatsServer.start(await natsOptions());
}
