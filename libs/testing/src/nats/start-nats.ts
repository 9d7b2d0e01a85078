import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNats } from './find-nats.js';
import { NatsProblem } from './nats-problem.js';
import { NatsServer, type NatsServerOptions } from './nats-server.js';

/** The binary, found as `npm start` finds it, and a new folder. @throws NatsProblem */
export async function natsOptions(): Promise<NatsServerOptions> {
  const source = await findNats({ root: process.cwd(), binaryOnly: true });
  if (source.kind !== 'binary') {
    throw new NatsProblem('The tests need a nats-server binary on PATH, or Go to build one.');
  }
  return { binary: source.path, folder: mkdtempSync(join(tmpdir(), 'ccgame-nats-')) };
}

/**
 * A NATS server of the test's own, on a free port and with files in a new folder. Call `destroy()` in `afterAll`.
 *
 * @throws NatsProblem when no binary can be had: tests kill, pause and restart the server, so an address won't do.
 */
export async function startNats(): Promise<NatsServer> {
  return NatsServer.start(await natsOptions());
}
