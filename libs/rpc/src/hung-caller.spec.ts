import { startNats, type NatsServer } from '@ccgame/testing';
import { sleep, startRpcApp, type RpcApp } from '../test/rpc-app.js';
import { VictimServer } from '../test/victim.js';

/** Alone in its file: it keeps this process from doing anything else. */
describe('a caller that hung', () => {
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

  it('takes nobody for dead', async () => {
    const calls = [100, 1_000, 6_000].map((ms) =>
      caller.rpc.doRPC({ serverType: 'victim', handler: 'slow' }, { ms }, { timeoutMs: 30_000 }),
    );
    await sleep(600);
    // Longer than a server may be silent, and shorter than NATS waits for a sign of its clients.
    const until = performance.now() + 4_500;
    while (performance.now() < until) {
      // As a long computation, a debugger or a starved pod does.
    }
    expect(await Promise.all(calls)).toEqual(['victim-0', 'victim-0', 'victim-0']);
  });
});
