import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { StorageProblem } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { FencedPartition } from '@ccgame/ownership';
import { type NatsServer, PostgresServer, startNats, untilHolds } from '@ccgame/testing';
import { Client } from 'pg';
import type { EntityStore } from '../entity-store.js';
import { PartitionSubjects } from '../partition-subjects.js';
import { postgresStore } from './postgres-store.js';
import { schema, writeFunction } from './schema.js';

describe('a PostgreSQL whose tables are not as they were made', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let health: NatsHealth;
  let postgres: PostgresServer;
  let operator: Client;
  let store: EntityStore;
  let partitions = 0;

  beforeAll(async () => {
    [nats, postgres] = await Promise.all([startNats(), PostgresServer.start()]);
    connection = await connect({ servers: nats.address });
    health = new NatsHealth(connection);
    operator = new Client({ connectionString: postgres.connectionString });
    await operator.connect();
  });
  afterEach(() => store.close());
  afterAll(async () => {
    await operator.end();
    await connection.close();
    await nats.destroy();
    await postgres.destroy();
  });

  const isMissing = (): boolean => health.storage.missing().includes('postgresql-entities');

  async function openAs({ user = 'ccgame', database = 'postgres' } = {}): Promise<void> {
    const address = new URL(postgres.connectionString);
    address.username = user;
    address.pathname = database;
    store = postgresStore({ connectionString: address.href })({ health } as never);
    await store.open();
  }

  async function ownPartition(): Promise<FencedPartition> {
    const subjects = new PartitionSubjects('play', '1.0.0000', `p${partitions++}`);
    const partition = store.partition(subjects, { serverId: 'server-0', incarnation: '0' });
    const events = { onOwned: () => undefined, onLost: () => undefined };
    const fenced = new FencedPartition(subjects.name, partition, events);
    await fenced.acquire();
    expect(fenced.state).toBe('owner');
    return fenced;
  }

  /** As its registry does. */
  const untilOwner = (fenced: FencedPartition): Promise<void> =>
    untilHolds(
      async () => {
        await fenced.acquire();
        return fenced.state === 'owner';
      },
      { timeoutMs: 15_000, everyMs: 100 },
    );

  it.each([
    ['all', 'drop table ccgame_entity_records, ccgame_entity_partitions cascade'],
    ['the records', 'drop table ccgame_entity_records cascade'],
    ['the function', `drop function ${writeFunction}`],
  ])('has them again under a running server, when %s were dropped', async (_, drop) => {
    await openAs();
    const fenced = await ownPartition();
    await operator.query(drop);
    await fenced.commit([]).catch(() => undefined);
    await untilOwner(fenced);
    await fenced.commit([]);
    await untilHolds(() => !isMissing(), { timeoutMs: 15_000 });
  });

  it('counts the writes of a partition on, when the table of their numbers was dropped', async () => {
    await openAs();
    const fenced = await ownPartition();
    for (let commits = 0; commits < 5; commits += 1) await fenced.commit([]);
    const before = fenced.fenceSequence;
    await operator.query('drop table ccgame_entity_partitions cascade');
    await fenced.commit([]).catch(() => undefined);
    await untilOwner(fenced);
    await fenced.commit([]);
    expect(fenced.fenceSequence).toBeGreaterThan(before);
  });

  it('makes its servers not ready while their user may not write, and ready as soon as it may', async () => {
    await operator.query(schema);
    const rights = 'select, insert, update, delete on ccgame_entity_records, ccgame_entity_partitions';
    await operator.query(`create role limited login; grant ${rights} to limited`);
    await openAs({ user: 'limited' });
    const fenced = await ownPartition();
    await operator.query('revoke insert on ccgame_entity_records from limited');
    await untilHolds(isMissing, { timeoutMs: 15_000 });
    await operator.query('grant insert on ccgame_entity_records to limited');
    await untilHolds(() => !isMissing(), { timeoutMs: 15_000 });
    await untilOwner(fenced);
  });

  it('ends the start of a server where its user may not, by a sentence', async () => {
    const attempt = openAs({ user: 'nobody' });
    await expect(attempt).rejects.toBeInstanceOf(StorageProblem);
    await expect(attempt).rejects.toThrow(
      /^PostgreSQL can't keep entities \(.*role "nobody" does not exist\): /,
    );
  });

  it('ends the start of a server where it can not have the letters of a name, and says so', async () => {
    await operator.query(
      `create database latin encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'`,
    );
    await expect(openAs({ database: 'latin' })).rejects.toThrow(/has no equivalent in encoding "LATIN1"/);
  });
});
