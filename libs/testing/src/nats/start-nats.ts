import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNats } from './find-nats.js';
import { foundBefore } from './found-before.js';
import { NatsProblem } from './nats-problem.js';
import { NatsServer, type NatsServerOptions } from './nats-server.js';

/** The binary, found as `npm start` finds it, and a new folder. @throws NatsProblem */
export async function natsOptions(): Promise<NatsServerOptions> {
  // Each look runs it for its version, a twentieth of a second of CPU.
  const binary = await foundBefore('nats-server', findBinary);
  // Go collects a heap as small as a test's again and again, which took a sixth of the CPU.
  return { binary, folder: mkdtempSync(join(tmpdir(), 'ccgame-nats-')), env: { GOGC: '400' } };
}

async function findBinary(): Promise<string> {
  const source = await findNats({ root: process.cwd(), binaryOnly: true });
  if (source.kind === 'binary') return source.path;
  throw new NatsProblem('The tests need a nats-server binary on PATH, or Go to build one.');
}

/**
 * A NATS server of the test's own, on a free port and with files in a new folder, without users and streams: for the tests of a
 * library. Whole servers are started on `startGameNats`. Call `destroy()` in `afterAll`.
 *
 * @throws NatsProblem when no binary can be had: tests kill, pause and restart the server, so an address won't do.
 */
export async function startNats(): Promise<NatsServer> {
  return NatsServer.start(await natsOptions());
}
