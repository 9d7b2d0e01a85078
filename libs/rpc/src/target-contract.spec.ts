import { Controller, Global, Module } from '@nestjs/common';
import { IsOptional, IsString } from 'class-validator';
import { startNats, type NatsServer, calmTime } from '@ccgame/testing';
import { rejection, sleep, startRpcApp, type RpcApp } from '../test/rpc-app.js';
import { clientHandler, serverHandler, type HandlerContract } from './contract/contract.js';
import { ClientHandler, ServerHandler } from './contract/decorators.js';
import { rpcContext } from './context.js';
import { RpcError } from './errors.js';
import { VERSION_RESOLVER } from './call/rpc.service.js';
import { type Target } from './contract/target.js';

class AskDto {
  @IsString() what: string;
  @IsOptional() @IsString() text?: string;
}

const options = { serverType: 'back', payload: AskDto };
const contracts = {
  server: serverHandler({ ...options, handler: 'ask' }),
  client: clientHandler({ ...options, handler: 'ask' }),
};
const keyedContracts = {
  server: serverHandler({ ...options, handler: 'askKeyed', keyed: true }),
  client: clientHandler({ ...options, handler: 'askKeyed', keyed: true }),
};

async function answer({ what, text }: AskDto): Promise<never> {
  const answers: Record<string, () => unknown> = {
    echo: () => text,
    nothing: () => undefined,
    bytes: () => new Uint8Array([1, 255]),
    attributes: () => rpcContext.get().attributes,
    large: () => 'x'.repeat(1_100_000),
    refuse: () => {
      throw new RpcError('FORBIDDEN', { details: { why: 'asked to' } });
    },
    bug: () => {
      throw new Error('hunter2');
    },
    slow: () => sleep(1_000),
  };
  return (await answers[what]()) as never;
}

@Controller()
class BackController {
  @ServerHandler(contracts.server)
  server(data: AskDto): Promise<never> {
    return answer(data);
  }
  @ClientHandler(contracts.client)
  client(data: AskDto): Promise<never> {
    return answer(data);
  }
  @ServerHandler(keyedContracts.server)
  serverKeyed(data: AskDto): Promise<never> {
    return answer(data);
  }
  @ClientHandler(keyedContracts.client)
  clientKeyed(data: AskDto): Promise<never> {
    return answer(data);
  }
}

@Global()
@Module({
  providers: [
    {
      provide: VERSION_RESOLVER,
      useValue: (type: string, version: string, callerVersion: string) => {
        if (version === '2.0.0000' && callerVersion !== version) throw new RpcError('FORBIDDEN');
        return type === 'back' && version === '0.5.0000' ? '1.0.0000' : version;
      },
    },
  ],
  exports: [VERSION_RESOLVER],
})
class FallbackModule {}

let nats: NatsServer;
let back: RpcApp;
let caller: RpcApp;

beforeAll(async () => {
  nats = await startNats();
  back = await startRpcApp({ natsAddress: nats.address, serverId: 'back-0', controllers: [BackController] });
  await back.server.ownKey('k');
  caller = await startRpcApp({ natsAddress: nats.address, serverId: 'front-0', imports: [FallbackModule] });
});
afterAll(async () => {
  await caller?.close();
  await back?.close();
  await nats?.destroy();
});

type Kind = (contract: HandlerContract<AskDto, void>) => Target<HandlerContract<AskDto, void>>;
const kinds: [string, Kind][] = [
  ['one server by its id', (handler) => ({ serverId: 'back-0', handler })],
  ['any one of a type', (handler) => ({ handler })],
  ['the owner of a key', (handler) => ({ handler, key: 'k' })],
  ['all of a type and version', (handler) => ({ handler, version: '1.0.0000', all: true })],
  ['all of a type', (handler) => ({ serverId: 'back', handler })],
];
const cases = kinds.flatMap(([name, kind]) =>
  (['server', 'client'] as const).map((scope) => {
    const contract = name.includes('key') ? keyedContracts[scope] : contracts[scope];
    return {
      name,
      scope,
      target: kind(contract),
      broadcast: name.startsWith('all'),
    };
  }),
);

describe.each(cases)('a call to $name, for a $scope', ({ target, broadcast }) => {
  const ask = (what: string, text?: string, timeoutMs?: number): Promise<unknown> =>
    caller.rpc.doRPC(target, { what, text }, { timeoutMs });

  it('has one answer, and its values arrive as they were', async () => {
    expect(await ask('echo', 'ö💥')).toBe('ö💥');
    expect(await ask('nothing')).toBeUndefined();
    expect([...((await ask('bytes')) as Uint8Array)]).toEqual([1, 255]);
  });

  it('carries the context', async () => {
    const attributes = { uid: 'u1' };
    expect(await rpcContext.run({ attributes }, () => ask('attributes'))).toEqual(attributes);
  });

  it('ends with a typed error', async () => {
    expect(await rejection(ask('refuse'))).toMatchObject({ code: 'FORBIDDEN', details: { why: 'asked to' } });
    expect((await rejection(ask('bug'))).code).toBe('INTERNAL');
    expect((await rejection(ask('large'))).code).toBe('TOO_LARGE');
    expect((await rejection(ask('echo', 'x'.repeat(1_100_000)))).code).toBe('TOO_LARGE');
    expect((await rejection(ask('slow', '', 100))).code).toBe('TIMEOUT');
    const wrong = caller.rpc.doRPC(target, { what: 1 } as unknown as AskDto);
    expect(await rejection(wrong)).toMatchObject({
      code: 'INVALID',
      details: { problems: [{ field: 'what', rule: 'what must be a string' }] },
    });
  });

  it('fails at once where nobody is', async () => {
    const nowhere =
      'serverId' in target && !broadcast ? { serverId: 'back-9' } : { version: '9.9.0009', key: undefined };
    const lost = broadcast
      ? { serverType: 'void', handler: 'ask', all: true as const }
      : 'key' in target
        ? { ...target, key: 'nobodys' }
        : { ...target, ...nowhere };
    const calmMs = calmTime();
    const error = await rejection(caller.rpc.doRPC(lost as never, { what: 'echo' } as never));
    expect(error).toMatchObject({ code: 'NO_SERVER', retryable: true });
    expect(calmMs()).toBeLessThan(500);
  });

  it('can be gathered, each answer with its server', async () => {
    const answers = await caller.rpc.gatherRPC(target, { what: 'echo', text: 'x' }, { count: 1 });
    expect(answers).toEqual([{ serverId: 'back-0', data: 'x' }]);
    const [refused] = await caller.rpc.gatherRPC(target, { what: 'refuse' }, { count: 1 });
    expect(refused).toMatchObject({ serverId: 'back-0', error: { code: 'FORBIDDEN' } });
  });

  it('can be sent without an answer', async () => {
    await caller.rpc.sendRPC(target, { what: 'bug' });
    await caller.rpc.sendRPC(target, { what: 'echo' });
    expect(await ask('echo', 'still there')).toBe('still there');
  });
});

it('a version without servers of the type is put in another’s place by the resolver', async () => {
  const handler = contracts.server as HandlerContract<AskDto, void>;
  const session = { version: '0.5.0000', attributes: {} };
  const call = () => caller.rpc.doRPC({ handler }, { what: 'echo', text: 'x' });
  expect(await rpcContext.run(session, call)).toBe('x');
  const other = { version: '0.6.0000', attributes: {} };
  expect((await rejection(rpcContext.run(other, call))).code).toBe('NO_SERVER');
  expect(await caller.rpc.doRPC({ handler, version: '0.5.0000' }, { what: 'echo', text: 'x' })).toBe('x');
});

it.each<[string, object]>([
  ['any one of a type', {}],
  ['the owner of a key', { handler: keyedContracts.server, key: 'k' }],
  ['all of a type and version', { all: true }],
])('the resolver refuses what may not be called: %s', async (_, kind) => {
  const target = { handler: contracts.server, version: '2.0.0000', ...kind } as Target<
    HandlerContract<AskDto, void>
  >;
  expect((await rejection(caller.rpc.doRPC(target, { what: 'echo' }))).code).toBe('FORBIDDEN');
  expect((await rejection(caller.rpc.gatherRPC(target, { what: 'echo' }))).code).toBe('FORBIDDEN');
  expect((await rejection(caller.rpc.sendRPC(target, { what: 'echo' }))).code).toBe('FORBIDDEN');
  const own = rpcContext.run({ version: '2.0.0000', attributes: {} }, () =>
    caller.rpc.doRPC(target, { what: 'echo' }),
  );
  expect((await rejection(own)).code).toBe('NO_SERVER');
});
