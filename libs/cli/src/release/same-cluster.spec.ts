import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { firstTable, ReleaseStore } from '@ccgame/releases';
import { type NatsServer, startNats } from '@ccgame/testing';
import { OperatorRpc } from './operator-rpc.js';
import { assertSameCluster } from './same-cluster.js';
import type { ServerInstance } from './targets/target.js';

const pod = (podUid: string, isReady = true): ServerInstance => ({
  serverId: 'connector-prod-v100000-0',
  serverType: 'connector',
  version: '1.0.0000',
  state: 'running',
  isReady,
  podUid,
  stopMs: 1000,
});

describe('before a command changes anything', () => {
  let server: NatsServer;
  let nats: NatsConnection;
  let operator: OperatorRpc;
  let store: ReleaseStore;

  beforeAll(async () => {
    server = await startNats();
    nats = await connect({ servers: server.address.replace('nats://', '') });
    operator = new OperatorRpc(nats);
    store = await ReleaseStore.open(nats);
    const note = { who: 'a test', why: '', action: 'init' };
    await store.writeFirstTable(firstTable('production', '1.0.0000'), note);
  });
  afterAll(async () => {
    operator.close();
    await nats.close();
    await server.destroy();
  });

  /** A server that says over NATS in which pod it runs, for as long as `work` takes. */
  async function withServer(podUid: string, work: () => Promise<void>): Promise<void> {
    const metadata = {
      serverId: 'connector-prod-v100000-0',
      serverType: 'connector',
      version: '1.0.0000',
      podUid,
    };
    const answers = nats.subscribe('$SRV.STATS', {
      callback: (_, question) => void question.respond(JSON.stringify({ metadata })),
    });
    await nats.flush();
    await work().finally(() => answers.unsubscribe());
  }
  const compared = (channel: string, ...instances: ServerInstance[]): Promise<void> => {
    const target = { servers: () => Promise.resolve({ counts: [], instances }) };
    return assertSameCluster({ operator, store, channel, target, patienceMs: 900 });
  };

  it('a ready pod that answers by its UID proves that kubectl and NATS mean the same cluster', () =>
    withServer('0a3b', () => compared('production', pod('9f2c'), pod('0a3b'))));

  it.each([
    ['a pod of the same name in another cluster', 'production', [pod('9f2c')]],
    ['an empty cluster beside the NATS of a running one', 'production', []],
  ])('%s is refused', async (_, channel, pods) => {
    await withServer('0a3b', () =>
      expect(compared(channel, ...pods)).rejects.toThrow(
        /different clusters: .* connector-prod-v100000-0 in other pods answers here/,
      ),
    );
  });

  it('a ready pod is refused that nobody answers for', () =>
    expect(compared('production', pod('0a3b'))).rejects.toThrow(/are ready there, and nobody/));

  it.each([
    ['no servers at all', 'production', []],
    ['servers that are not ready', 'production', [pod('0a3b', false)]],
  ])('%s may be released to', async (_, channel, pods) => compared(channel, ...pods));

  it('an environment that has no table yet may begin beside another one on the same NATS', () =>
    withServer('0a3b', () => compared('staging')));
});
