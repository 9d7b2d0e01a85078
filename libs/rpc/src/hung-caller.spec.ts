import { spawn } from 'node:child_process';
import { startNats, type NatsServer } from '@ccgame/testing';
import { sleep, startRpcApp, type RpcApp } from '../test/rpc-app.js';
import { VictimServer } from '../test/victim.js';

/** Alone in its file: it keeps this process, and then the machine, from doing anything else. */
describe('a caller that was held up', () => {
  let nats: NatsServer;
  let caller: RpcApp;
  let server: VictimServer;

  beforeAll(async () => {
    nats = await startNats();
    server = await VictimServer.start('victim-0', nats.address);
    caller = await startRpcApp({ natsAddress: nats.address, serverId: 'front-0' });
  });
  afterAll(async () => {
    await caller?.close();
    await server?.end();
    await nats?.destroy();
  });

  it('takes nobody for dead after it hung', async () => {
    const calls = [100, 1_000, 6_000].map((ms) =>
      caller.rpc.doRPC({ serverType: 'victim', handler: 'slow' }, { ms }, { timeoutMs: 30_000 }),
    );
    await sleep(600);
    // Longer than a server may be silent, and shorter than NATS waits for a sign of its clients.
    // Nothing of this process runs meanwhile, as in a debugger or a starved pod; a long computation would take its core from the other tests.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4_500);
    expect(await Promise.all(calls)).toEqual(['victim-0', 'victim-0', 'victim-0']);
  });

  it('takes nobody for dead where thirty processes want the same cores as caller, server and NATS', async () => {
    const loop = ['-c', 'while :; do :; done'];
    const busy = Array.from({ length: 30 }, () => spawn('sh', loop, { stdio: 'ignore' }));
    try {
      const target = { serverType: 'victim', handler: 'slow' };
      const calls = Array.from({ length: 20 }, () =>
        caller.rpc.doRPC(target, { ms: 3_000 }, { timeoutMs: 60_000 }),
      );
      expect(await Promise.all(calls)).toEqual(calls.map(() => 'victim-0'));
    } finally {
      for (const one of busy) one.kill('SIGKILL');
    }
  });
});
