/** A test of a game that has `chat.sky_clan`, an entity by `ccgame new entity --keyed`: its way in, on real servers. */
export const madeTwiceTest = `import { connect } from '@nats-io/transport-node';
import { NatsHealth } from '@ccgame/nats';
import { rpcContext, RpcService } from '@ccgame/rpc';
import { startGameNats, startServer } from '@ccgame/testing';
import { createSkyClan } from '#game/chat/sky-clan.contract.js';

it('its owner may make a clan once more, as after a lost answer, and nobody else', async () => {
  const version = '1.0.0000';
  const nats = await startGameNats();
  const where = { root: process.cwd(), nats, logFolder: nats.folder, version };
  const types = ['storage', 'chat'];
  const servers = await Promise.all(types.map((serverType) => startServer({ ...where, serverType })));
  const connection = await connect({ servers: nats.address });
  const identity = { serverId: 'connector-test-0', serverType: 'connector', version };
  const rpc = new RpcService(connection, new NatsHealth(connection), { identity, timeoutMs: 30_000 });
  const createAs = (uid: string): Promise<unknown> =>
    rpcContext.run({ attributes: { uid } }, () => rpc.doRPC({ handler: createSkyClan }, { skyClanId: 'one' }));
  try {
    await Promise.all(servers.map((server) => server.process.untilReady()));
    for (let tries = 0; tries < 2; tries += 1) expect(await createAs('anna')).toEqual({ skyClanId: 'one' });
    await expect(createAs('ben')).rejects.toMatchObject({ code: 'ENTITY_EXISTS' });
  } finally {
    await Promise.all(servers.map((server) => server.process.stop()));
    rpc.onApplicationShutdown();
    await connection.close();
    await nats.destroy();
  }
}, 120_000);
`;
