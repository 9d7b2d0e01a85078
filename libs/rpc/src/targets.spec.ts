import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { IsInt } from 'class-validator';
import { startNats, type NatsServer, calmTime } from '@ccgame/testing';
import { rejection, startRpcApp, type RpcApp } from '../test/rpc-app.js';
import { serverHandler } from './contract/contract.js';
import { ServerHandler } from './contract/decorators.js';
import { type Target } from './contract/target.js';

class WhoDto {
  @IsInt() n: number;
}
class AnswerDto {
  by: string;
  n: number;
}

const who = serverHandler({ serverType: 'back', handler: 'who', payload: WhoDto, result: AnswerDto });
const keyedWho = serverHandler({
  serverType: 'back',
  handler: 'keyedWho',
  payload: WhoDto,
  result: AnswerDto,
  keyed: true,
});

/** One controller class a server, as plain patterns hold a server's own id. */
function controllerOf(serverId: string): new () => object {
  @Controller()
  class Back {
    @ServerHandler(who)
    who({ n }: WhoDto): AnswerDto {
      return { by: serverId, n };
    }

    @ServerHandler(keyedWho)
    keyedWho({ n }: WhoDto): AnswerDto {
      return { by: serverId, n };
    }

    @MessagePattern({ serverId, handler: 'plainOwn' })
    plainOwn(data: WhoDto): AnswerDto {
      return { by: `${serverId} own`, n: data.n };
    }

    @MessagePattern({ serverId: 'back', handler: 'plainType' })
    plainType(data: WhoDto): AnswerDto {
      return { by: `${serverId} type`, n: data.n };
    }

    @MessagePattern({ serverId, handler: 'both' })
    bothOwn(): string {
      return `${serverId} own`;
    }

    @MessagePattern({ serverId: 'back', handler: 'both' })
    bothType(): string {
      return `${serverId} type`;
    }
  }
  return Back;
}

describe('targets', () => {
  let nats: NatsServer;
  let caller: RpcApp;
  let servers: RpcApp[];

  beforeAll(async () => {
    nats = await startNats();
    const start = (serverId: string, version = '1.0.0000') =>
      startRpcApp({ natsAddress: nats.address, serverId, version, controllers: [controllerOf(serverId)] });
    servers = [await start('back-a'), await start('back-b'), await start('back-old', '0.9.0000')];
    caller = await startRpcApp({ natsAddress: nats.address, serverId: 'front-0' });
  });
  afterAll(async () => {
    await Promise.all([caller, ...servers].map((app) => app?.close()));
    await nats?.destroy();
  });

  it('reach one server by its id', async () => {
    expect(await caller.rpc.doRPC({ serverId: 'back-b', handler: who }, { n: 1 })).toEqual({
      by: 'back-b',
      n: 1,
    });
    expect(await caller.rpc.doRPC({ serverId: 'back-b', handler: 'plainOwn' }, { n: 2 })).toEqual({
      by: 'back-b own',
      n: 2,
    });
  });

  it('reach any one server of a type and version, sharing the calls', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => caller.rpc.doRPC({ version: '1.0.0000', handler: who }, { n })),
    );
    expect(new Set(answers.map(({ by }) => by))).toEqual(new Set(['back-a', 'back-b']));
    expect(answers.map(({ n }) => n)).toEqual(Array.from({ length: 60 }, (_, n) => n));
  });

  it('take the caller’s own version where the target names none', async () => {
    const answer = await caller.rpc.doRPC({ handler: who }, { n: 1 });
    expect(['back-a', 'back-b']).toContain(answer.by);
    const old = await caller.rpc.doRPC({ handler: who, version: '0.9.0000' }, { n: 1 });
    expect(old.by).toBe('back-old');
  });

  it('reach every server of a type, whatever its version, where a type stands for an id', async () => {
    const answers = await caller.rpc.gatherRPC(
      { serverId: 'back', handler: who },
      { n: 3 },
      { timeoutMs: 300 },
    );
    expect(answers.map(({ serverId }) => serverId).sort()).toEqual(['back-a', 'back-b', 'back-old']);
    expect(answers[0]).toMatchObject({ data: { n: 3 } });
  });

  it('reach every server of a type and version', async () => {
    const target = { serverType: 'back', version: '1.0.0000', handler: 'plainType', all: true };
    const answers = await caller.rpc.gatherRPC(target, { n: 4 }, { count: 2 });
    expect(answers.map(({ serverId }) => serverId).sort()).toEqual(['back-a', 'back-b']);
  });

  it('give an empty list at once where a broadcast has no hearer', async () => {
    const calmMs = calmTime();
    expect(await caller.rpc.gatherRPC({ serverId: 'nowhere', handler: 'x' })).toEqual([]);
    expect(calmMs()).toBeLessThan(500);
  });

  it('reach the owner of a key, and nobody when nobody owns it', async () => {
    const target = { handler: keyedWho, key: 'ranked:eu' };
    expect(await rejection(caller.rpc.doRPC(target, { n: 1 }))).toMatchObject({ code: 'NO_SERVER' });
    await servers[0].server.ownKey('ranked:eu');
    expect((await caller.rpc.doRPC(target, { n: 1 })).by).toBe('back-a');
    await servers[0].server.disownKey('ranked:eu');
    await servers[1].server.ownKey('ranked:eu');
    expect((await caller.rpc.doRPC(target, { n: 1 })).by).toBe('back-b');
    await servers[1].server.disownKey('ranked:eu');
    expect(await rejection(caller.rpc.doRPC(target, { n: 1 }))).toMatchObject({ code: 'NO_SERVER' });
  });

  it('need a key for a keyed handler', async () => {
    const error = await rejection(caller.rpc.doRPC({ handler: keyedWho }, { n: 1 }));
    expect(error).toMatchObject({ code: 'INVALID', details: { problems: [{ field: 'key' }] } });
  });

  it('tell a handler of one server from its type’s of the same name', async () => {
    expect(await caller.rpc.doRPC({ serverId: 'back-a', handler: 'both' })).toBe('back-a own');
    const all = await caller.rpc.gatherRPC<string>(
      { serverType: 'back', version: '1.0.0000', handler: 'both', all: true },
      undefined,
      { count: 2 },
    );
    expect(all.map((one) => 'data' in one && one.data).sort()).toEqual(['back-a type', 'back-b type']);
  });

  it('take the first answer where one answer is asked of a broadcast', async () => {
    const answer = await caller.rpc.doRPC<string>({ serverId: 'back', handler: 'both' });
    expect(answer).toMatch(/ type$/);
  });

  it.each<Target>([
    { serverId: 'back-a.who.x', handler: 'who' },
    { serverId: '*', handler: 'who' },
    { serverType: 'back', version: '>', handler: 'who' },
    { serverType: 'back', handler: 'who.x' },
    { serverType: 'back', handler: '' },
    { serverType: 'back', handler: 'who', key: 'a b' },
  ])('refuse %j', async (target) => {
    expect(await rejection(caller.rpc.doRPC(target as Target<string>, {}))).toMatchObject({
      code: 'INVALID',
      retryable: false,
      details: { problems: [{ field: expect.any(String), rule: expect.stringContaining('expected') }] },
    });
  });

  it('fail at once where nobody listens', async () => {
    const calmMs = calmTime();
    const error = await rejection(caller.rpc.doRPC({ serverType: 'nowhere', handler: 'x' }, {}));
    expect(error).toMatchObject({ code: 'NO_SERVER', retryable: true, target: 'nowhere 1.0.0000 x' });
    expect(calmMs()).toBeLessThan(500);
  });
});
