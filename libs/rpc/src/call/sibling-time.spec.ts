import { Controller } from '@nestjs/common';
import { IsInt } from 'class-validator';
import { type NatsServer, startNats } from '@ccgame/testing';
import { type RpcApp, sleep, startRpcApp } from '../../test/rpc-app.js';
import { rpcContext } from '../context.js';
import { serverHandler } from '../contract/contract.js';
import { ServerHandler } from '../contract/decorators.js';

class HoldDto {
  @IsInt() ms: number;
}

/** @returns the time that was left when it began, ms */
const hold = serverHandler({ serverType: 'back', handler: 'hold', payload: HoldDto, result: Number });
/** A server's siblings are waited for at least so long, ms. */
const askedForMs = 50;

@Controller()
class BackController {
  @ServerHandler(hold, { concurrency: 20, queue: 1 })
  async hold({ ms }: HoldDto): Promise<number> {
    const left = rpcContext.timeLeftMs();
    await sleep(ms);
    return left;
  }
}

describe('the time of a call that one server refused and a sibling takes', () => {
  const apps: RpcApp[] = [];
  let nats: NatsServer;

  beforeAll(async () => {
    nats = await startNats();
  });
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await nats.destroy();
  });

  it('is what is left of it by then', async () => {
    const start = async (serverId: string, controllers = [BackController]): Promise<RpcApp> => {
      const app = await startRpcApp({ natsAddress: nats.address, serverId, controllers });
      apps.push(app);
      return app;
    };
    await start('back-0');
    await start('back-1');
    const { rpc } = await start('front-0', []);
    const full = Array.from({ length: 21 }, () =>
      rpc.doRPC({ serverId: 'back-0', handler: hold }, { ms: 500 }),
    );
    await sleep(100);
    const calls = Array.from({ length: 16 }, () =>
      rpc.doRPC({ handler: hold }, { ms: 0 }, { timeoutMs: 5_000 }),
    );
    expect(Math.min(...(await Promise.all(calls)))).toBeLessThanOrEqual(5_000 - askedForMs + 1);
    await Promise.all(full);
  });
});
