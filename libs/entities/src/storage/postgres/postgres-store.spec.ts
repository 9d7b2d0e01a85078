import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NatsHealth } from '@ccgame/nats';
import { FencedPartition, PartitionLost } from '@ccgame/ownership';
import { type NatsServer, PostgresServer, startNats } from '@ccgame/testing';
import { Client } from 'pg';
import { until } from '../../../test/host-cluster.js';
import { describeStore } from '../../../test/store-contract.js';
import type { EntityStore } from '../entity-store.js';
import { PartitionSubjects } from '../partition-subjects.js';
import { postgresStore } from './postgres-store.js';

let nats: NatsServer;
let connection: NatsConnection;
let health: NatsHealth;
let postgres: PostgresServer;

beforeAll(async () => {
  [nats, postgres] = await Promise.all([startNats(), PostgresServer.start()]);
  connection = await connect({ servers: nats.address });
  health = new NatsHealth(connection);
});
afterAll(async () => {
  await connection.close();
  await nats.destroy();
  await postgres.destroy();
});

const makeStore = (): EntityStore =>
  postgresStore({ connectionString: postgres.connectionString })({ health } as never);

describe('a PostgreSQL that takes no writes', () => {
  let operator: Client;
  let store: EntityStore;

  beforeAll(async () => {
    operator = new Client({ connectionString: postgres.connectionString });
    await operator.connect();
    store = makeStore();
  });
  afterAll(async () => {
    await store.close();
    await operator.end();
  });

  /** As a standby is, and as providers do when the disk is full. */
  async function setReadOnly(isReadOnly: boolean): Promise<void> {
    await operator.query(`alter system set default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`);
    await operator.query('select pg_reload_conf()');
  }
  function takePartition(key: string): FencedPartition {
    const subjects = new PartitionSubjects('play', '1.0.0000', key);
    const partition = store.partition(subjects, { serverId: 'server-0', incarnation: '0' });
    return new FencedPartition(subjects.name, partition, {
      onOwned: () => undefined,
      onLost: () => undefined,
    });
  }
  const isMissing = (): boolean => health.storage.missing().includes('postgresql-entities');

  it('is waited for at the start', async () => {
    await setReadOnly(true);
    let isOpen = false;
    const opened = store.open().then(() => (isOpen = true));
    await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, 500))]);
    expect(isOpen).toBe(false);
    await setReadOnly(false);
    await opened;
    expect(isMissing()).toBe(false);
  });

  it('makes its servers not ready, and is written again when it takes writes', async () => {
    const fenced = takePartition('p0');
    await fenced.acquire();
    await setReadOnly(true);
    await until(async () => isMissing());
    await expect(fenced.commit([])).rejects.toThrow(PartitionLost);
    await fenced.acquire();
    expect(fenced.state).toBe('away');
    await setReadOnly(false);
    await until(async () => !isMissing());
    await fenced.acquire();
    expect(fenced.state).toBe('owner');
  });

  it('makes them not ready where the small row finds room, and entities don’t', async () => {
    await operator.query(`create function refuse() returns trigger language plpgsql as
      $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$`);
    await operator.query(`create trigger full_disk before insert or update on ccgame_entity_records
      for each row execute function refuse()`);
    const fenced = takePartition('p1');
    await until(async () => {
      await fenced.acquire();
      return isMissing();
    });
    expect(fenced.state).toBe('away');
    await operator.query('drop trigger full_disk on ccgame_entity_records');
  });
});

describeStore('PostgreSQL', async () => ({
  openStore: async () => {
    const store = makeStore();
    await store.open();
    return store;
  },
  stop: () => Promise.resolve(),
}));
