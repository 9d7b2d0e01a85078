import { type NatsServer, startNats } from '@ccgame/testing';
import { startRpcApp, type RpcApp } from '../test/rpc-app.js';
import { serverHandler } from './contract/contract.js';

/** Beside names of any other kind: what looks like a version to a person, and is none. */
const wrong = [
  ...['', ' ', '01.0.0000', '1.00.0000', '1.0.000', '1.0.00000', '1.0', '1', '1.0.0000.0', '-1.0.0000'],
  ...[' 1.0.0000', '1.0.0000 ', '1.0.0000\n', 'v1.0.0000', '1_0_0000', '1.0.000０', '１.0.0000', '١.0.0000'],
  ...[
    '1.*.0000',
    '*',
    '>',
    'Latest',
    'LATEST',
    'latest ',
    'stable',
    '__proto__',
    'constructor',
    '1e0.0.0000',
  ],
];

describe('a call that names a version which is none', () => {
  let nats: NatsServer;
  let app: RpcApp;
  beforeAll(async () => {
    nats = await startNats();
    app = await startRpcApp({ natsAddress: nats.address });
  });
  afterAll(async () => {
    await app.close();
    await nats.destroy();
  });

  const echo = serverHandler({ serverType: 'back', handler: 'echo', payload: String, result: String });
  it.each(wrong)('as %j is refused with INVALID, whatever kind of call it is', async (version) => {
    const { rpc } = app;
    const calls = [
      rpc.doRPC({ handler: echo, version }, 'x'),
      rpc.doRPC({ serverType: 'back', handler: 'echo', version }, 'x'),
      rpc.doRPC({ serverType: 'back', handler: 'echo', version, key: 'k' }, 'x'),
      rpc.doRPC({ handler: echo, version, all: true }, 'x'),
      rpc.callOwner({ serverType: 'back', handler: 'echo', version, key: 'k' }, 'x', { timeoutMs: 500 }),
      rpc.gatherRPC({ handler: echo, version, all: true }, 'x', { timeoutMs: 50 }),
      rpc.sendRPC({ handler: echo, version }, 'x'),
      rpc.listServers('back', version),
    ];
    const results = await Promise.allSettled(calls);
    const codes = results.map((one) =>
      one.status === 'rejected' ? (one.reason as { code: string }).code : 'ran',
    );
    expect(codes).toEqual(calls.map(() => 'INVALID'));
  });
});
