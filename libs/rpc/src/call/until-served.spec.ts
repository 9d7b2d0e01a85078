import { Controller } from '@nestjs/common';
import { type NatsServer, startNats } from '@ccgame/testing';
import { type RpcApp, startRpcApp } from '../../test/rpc-app.js';
import { VictimServer } from '../../test/victim.js';
import { serverHandler } from '../contract/contract.js';
import { ServerHandler } from '../contract/decorators.js';
import { RpcError } from '../errors.js';
import { RpcService } from './rpc.service.js';
import { untilServed } from './until-served.js';

const greet = serverHandler({ serverType: 'greeter', handler: 'greet', result: String });

@Controller()
class GreeterController {
  @ServerHandler(greet)
  greet(): string {
    return 'hello';
  }
}

const buy = serverHandler({ serverType: 'shop', handler: 'buy' });
let bought = 0;

@Controller()
class ShopController {
  constructor(private readonly rpc: RpcService) {}

  @ServerHandler(buy)
  async buy(): Promise<void> {
    bought += 1;
    await this.rpc.doRPC({ serverType: 'bank', handler: 'pay' }, undefined);
  }
}

/** Each try ends with the next of these; the last one holds for all that follow. */
function triesOf(...answers: unknown[]): { call: () => Promise<unknown>; count: () => number } {
  let tries = 0;
  return {
    count: () => tries,
    call: () => {
      const answer = answers[Math.min(tries++, answers.length - 1)];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
}

const nobody = new RpcError('NO_SERVER');
const gone = new RpcError('GONE');

describe('a call that any server may take', () => {
  let nats: NatsServer;
  const apps: RpcApp[] = [];

  beforeAll(async () => {
    nats = await startNats();
  });

  afterAll(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await nats.stop();
  });

  it('reaches a server that listens a moment later', async () => {
    const caller = await startRpcApp({ natsAddress: nats.address });
    apps.push(caller);
    const call = (): Promise<string> => caller.rpc.doRPC({ handler: greet }, undefined);
    await expect(call()).rejects.toMatchObject({ code: 'NO_SERVER' });
    // Four seconds are counted from each call's own first failure, and it may take a busy machine longer to start one.
    let isUp = false;
    const start = async (): Promise<void> => {
      apps.push(
        await startRpcApp({
          natsAddress: nats.address,
          serverId: 'greeter-0',
          controllers: [GreeterController],
        }),
      );
      isUp = true;
    };
    const started = start();
    const greetings: unknown[] = [];
    while (greetings.length === 0) {
      const wasUp = isUp;
      const greeting = await untilServed({ call, isRepeatable: false }).catch((error: Error) => error);
      if (greeting === 'hello') greetings.push(greeting);
      else expect([wasUp, greeting]).toEqual([false, expect.objectContaining({ code: 'NO_SERVER' })]);
    }
    await started;
    expect(greetings).toEqual(['hello']);
  });

  it('is made once where its handler had begun, and a call which that made in its turn found nobody', async () => {
    const { address: natsAddress } = nats;
    const caller = await startRpcApp({ natsAddress });
    const shop = await startRpcApp({ natsAddress, serverId: 'shop-0', controllers: [ShopController] });
    apps.push(caller, shop);
    const call = (): Promise<unknown> => caller.rpc.doRPC({ handler: buy }, undefined);
    await expect(untilServed({ call, isRepeatable: false })).rejects.toMatchObject({
      code: 'NO_SERVER',
      retryable: false,
    });
    expect(bought).toBe(1);
  });

  it('is asked again of a server that answers, where one of the type hangs', async () => {
    const caller = await startRpcApp({ natsAddress: nats.address });
    const servers = await Promise.all(
      ['victim-0', 'victim-1'].map((id) => VictimServer.start(id, nats.address)),
    );
    const call = (answering: boolean): Promise<unknown> =>
      caller.rpc.doRPC({ serverType: 'victim', handler: 'who' }, undefined, { answering });
    try {
      servers[0].signal('SIGSTOP');
      const answers = Array.from({ length: 24 }, () => untilServed({ call, isRepeatable: true }));
      expect(new Set(await Promise.all(answers))).toEqual(new Set(['victim-1']));
    } finally {
      await Promise.all(servers.map((server) => server.end()));
      await caller.close();
    }
  });

  it('goes to any of the type, where the one that answers takes none, as a server that stops', async () => {
    const caller = await startRpcApp({ natsAddress: nats.address });
    const stopping = await startRpcApp({ natsAddress: nats.address, serverId: 'victim-0' });
    const server = await VictimServer.start('victim-1', nats.address);
    try {
      const target = { serverType: 'victim', handler: 'who' };
      const answers = Array.from({ length: 24 }, () =>
        caller.rpc.doRPC(target, undefined, { answering: true }),
      );
      expect(new Set(await Promise.all(answers))).toEqual(new Set(['victim-1']));
    } finally {
      await server.end();
      await Promise.all([stopping, caller].map((app) => app.close()));
    }
  });

  it('ends with NO_SERVER after four seconds without one', async () => {
    const { call, count } = triesOf(nobody);
    await expect(untilServed({ call, isRepeatable: true })).rejects.toBe(nobody);
    expect(count()).toBeGreaterThan(3);
  });

  it('is made once more when its server has gone with it, where the work may be asked for again', async () => {
    const safe = triesOf(gone, nobody, 'done');
    expect(await untilServed({ ...safe, isRepeatable: true })).toBe('done');
    const never = triesOf(gone, 'done');
    await expect(untilServed({ ...never, isRepeatable: false })).rejects.toBe(gone);
    const hanging = triesOf(gone);
    await expect(untilServed({ ...hanging, isRepeatable: true })).rejects.toBe(gone);
    expect([never.count(), hanging.count()]).toEqual([1, 2]);
  });

  it('is made once where it failed in another way', async () => {
    for (const error of [new RpcError('TIMEOUT'), new RpcError('INVALID'), new Error('a mistake')]) {
      const { call, count } = triesOf(error);
      await expect(untilServed({ call, isRepeatable: true })).rejects.toBe(error);
      expect(count()).toBe(1);
    }
  });
});
