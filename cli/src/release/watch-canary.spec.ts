import type { NatsConnection } from '@nats-io/nats-core';
import { ServiceError, Svcm } from '@nats-io/services';
import { connect } from '@nats-io/transport-node';
import { firstTable, ReleaseStore, setCanary, type TableChange } from '#releases';
import { type NatsServer, startNats } from '#testing';
import type { ReleaseSession } from './session.js';
import { watchCanary } from './watch-canary.js';

describe('a guarded canary', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let store: ReleaseStore;
  let isBad = false;
  let traffic: NodeJS.Timeout;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    store = await ReleaseStore.open(connection);
    for (const version of ['1.0.0000', '1.0.0001'])
      await serve(version, () => isBad && version === '1.0.0001');
    traffic = setInterval(() => {
      for (let index = 0; index < 10; index += 1) {
        for (const name of ['v100000', 'v100001'])
          void connection.request(`join.${name}`).catch(() => undefined);
      }
    }, 20);
    const table = setCanary('1.0.0001', { weight: 10 })(firstTable('dev', '1.0.0000', ['1.0.0001']));
    await store.init(table, note('init'));
  });
  afterAll(async () => {
    clearInterval(traffic);
    await connection.close();
    await nats.destroy();
  });

  /** Describes itself as our servers do, and fails a tenth of its requests when it is bad. */
  async function serve(version: string, fails: () => boolean): Promise<void> {
    const metadata = { serverId: `matching-dev-${version}`, serverType: 'matching', version };
    const service = await new Svcm(connection as never).add({ name: 'matching', version: '1.0.0', metadata });
    let count = 0;
    service.addEndpoint(`join-${version.replaceAll('.', '')}`, {
      subject: `join.v${version.replaceAll('.', '')}`,
      handler: (error, message) => {
        count += 1;
        if (error) return;
        if (fails() && count % 10 === 0) throw new ServiceError(500, 'INTERNAL');
        message.respond();
      },
    });
  }

  const note = (action: string) => ({ action, who: 'test', why: '' });

  function session(): ReleaseSession {
    const change = (action: string, tableChange: TableChange) =>
      store.change('dev', tableChange, note(action));
    return { nats: connection, store, channel: 'dev', change, note } as unknown as ReleaseSession;
  }

  it('stays when it is no worse than stable', async () => {
    await watchCanary(session(), '1.0.0001', 5);
    expect((await store.read('dev'))?.table.canaries).toHaveLength(1);
  });

  it('is rolled back by itself when it fails more, and the history says why', async () => {
    isBad = true;
    await expect(watchCanary(session(), '1.0.0001', 20)).rejects.toThrow(
      /1\.0\.0001 was rolled back: \d+\.\d\d % of its requests fail, 0\.00 % of stable's/,
    );
    const stored = await store.read('dev');
    expect(stored?.table.canaries).toEqual([]);
    expect(stored?.action).toMatch(/^guard rolled 1\.0\.0001 back: /);
  });
});
