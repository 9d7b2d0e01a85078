import { Controller } from '@nestjs/common';
import { type NatsServer, startNats } from '@ccgame/testing';
import { type RpcApp, startRpcApp } from '../test/rpc-app.js';
import { serverHandler } from './contract/contract.js';
import { ServerHandler } from './contract/decorators.js';

const serverType = 'clerk';
const work = serverHandler({ serverType, handler: 'work', result: Number });
const waiting = 8_000;

let begin: () => void = () => {};
let begun = 0;

@Controller()
class ClerkController {
  /** The first call takes its time, the others none. */
  @ServerHandler(work, { concurrency: 1, queue: waiting })
  work(): number | Promise<number> {
    begun += 1;
    return begun > 1 ? begun : new Promise((resolve) => (begin = () => resolve(1)));
  }
}

describe('a handler with a long queue of calls that end at once', () => {
  let nats: NatsServer;
  let clerk: RpcApp;

  beforeAll(async () => {
    nats = await startNats();
    clerk = await startRpcApp({
      natsAddress: nats.address,
      serverId: 'clerk-0',
      controllers: [ClerkController],
    });
  });
  afterAll(async () => {
    await clerk.close();
    await nats.destroy();
  });

  it('answers all of them', async () => {
    const call = (): Promise<number> => clerk.rpc.doRPC({ handler: work }, undefined, { timeoutMs: 30_000 });
    const first = call();
    const others = Array.from({ length: waiting }, call);
    // By then all of them wait: they came by the same connection before it.
    await expect(call()).rejects.toMatchObject({ code: 'BUSY' });
    begin();
    expect(await first).toBe(1);
    expect(await Promise.all(others)).toEqual(others.map((_, index) => index + 2));
    expect(await call()).toBe(waiting + 2);
  });
});
