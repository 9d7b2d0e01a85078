import { Controller } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { IsInt } from 'class-validator';
import { NATS_CONNECTION } from '@ccgame/nats';
import { calmTime, type NatsServer, startNats } from '@ccgame/testing';
import { rejection, type RpcApp, type RpcAppOptions, sleep, startRpcApp } from '../test/rpc-app.js';
import { untilServed } from './call/until-served.js';
import { serverHandler } from './contract/contract.js';
import { ServerHandler } from './contract/decorators.js';

class HoldDto {
  @IsInt() ms: number;
}

const serverType = 'back';
const hold = serverHandler({ serverType, handler: 'hold', payload: HoldDto, result: String });
const few = serverHandler({ serverType, handler: 'few', payload: HoldDto, result: String });
/** As long as a call that is not ended otherwise waits, ms. */
const timeoutMs = 8_000;

@Controller()
class BackController {
  @ServerHandler(hold)
  async hold({ ms }: HoldDto): Promise<string> {
    await sleep(ms);
    return `held ${ms}`;
  }

  @ServerHandler(few, { concurrency: 1 })
  async few({ ms }: HoldDto): Promise<string> {
    await sleep(ms);
    return 'done';
  }
}

/** Whether a connection to NATS is to lose a message: as one does that breaks and is there again a moment later. */
type Loses = (subject: string, body: string) => boolean;

describe('a message that is lost on its way', () => {
  let nats: NatsServer;
  const apps: RpcApp[] = [];

  const start = async (options: RpcAppOptions, loses?: Loses): Promise<RpcApp> => {
    const app = await startRpcApp({
      natsAddress: nats.address,
      ...options,
      setUp: (made) => {
        if (loses) loseMessages(made.get<NatsConnection>(NATS_CONNECTION), loses);
      },
    });
    apps.push(app);
    return app;
  };
  const startBack = (serverId: string, loses?: Loses, stopTimeoutMs?: number): Promise<RpcApp> =>
    start({ serverId, controllers: [BackController], stopTimeoutMs }, loses);

  beforeAll(async () => {
    nats = await startNats();
  });
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
  });
  afterAll(() => nats.destroy());

  it('as the answer of a server that lives, ends that call at once, and no other', async () => {
    await startBack('back-0', (_, body) => body === '"held 500"');
    const { rpc } = await start({ serverId: 'front-0' });
    const other = rpc.doRPC({ handler: hold }, { ms: 3_000 });
    const calmMs = calmTime();
    const error = await rejection(rpc.doRPC({ handler: hold }, { ms: 500 }, { timeoutMs }));
    expect(error).toMatchObject({ code: 'GONE', retryable: false });
    expect(calmMs()).toBeLessThan(500 + 2_000);
    expect(await other).toBe('held 3000');
  });

  it('as that answer, lets a call be made again that may be', async () => {
    let lost = 0;
    await startBack('back-0', (_, body) => body === '"held 500"' && lost++ === 0);
    const { rpc } = await start({ serverId: 'front-0' });
    const call = (): Promise<string> => rpc.doRPC({ handler: hold }, { ms: 500 }, { timeoutMs });
    expect(await untilServed({ call, isRepeatable: true })).toBe('held 500');
    expect(lost).toBe(2);
  });

  it('as a question whether a server lives, is asked again', async () => {
    await startBack('back-0');
    let asked = 0;
    const { rpc } = await start(
      { serverId: 'front-0' },
      (subject) => subject.endsWith('.$alive') && asked++ === 0,
    );
    expect(await rpc.doRPC({ handler: hold }, { ms: 3_000 }, { timeoutMs })).toBe('held 3000');
    expect(asked).toBeGreaterThan(1);
  });

  it('never is a call that its server did not begin, and that looks for a sibling when that server goes', async () => {
    const leaving = await startBack('back-0', undefined, 100);
    const { rpc } = await start({ serverId: 'front-0' });
    const running = rejection(rpc.doRPC({ serverId: 'back-0', handler: few }, { ms: 5_000 }));
    await sleep(50);
    const waiting = Array.from({ length: 5 }, () => rpc.doRPC({ handler: few }, { ms: 0 }, { timeoutMs }));
    // They wait there, and their caller was told.
    await sleep(500);
    await startBack('back-1');
    await leaving.server.close();
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => 'done'));
    expect(await running).toMatchObject({ code: 'GONE' });
  });
});

function loseMessages(connection: NatsConnection, loses: Loses): void {
  const publish = connection.publish.bind(connection);
  jest.spyOn(connection, 'publish').mockImplementation((subject, data, options) => {
    if (!loses(subject, Buffer.from(data ?? '').toString())) publish(subject, data, options);
  });
}
