import { inspect } from 'node:util';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NatsHealth } from '@ccgame/nats';
import { FencedPartition, NotTaken, PartitionLost } from '@ccgame/ownership';
import { type NatsServer, PostgresServer, startNats } from '@ccgame/testing';
import { Client } from 'pg';
import { until } from '../../../test/host-cluster.js';
import { describeStore } from '../../../test/store-contract.js';
import type { EntityStore } from '../entity-store.js';
import { PartitionSubjects } from '../partition-subjects.js';
import { openDatabase } from './database.js';
import { postgresStore } from './postgres-store.js';
import { schema, writeFunction } from './schema.js';

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

it('ends the start of a server whose database is not there, and says so', async () => {
  const missing = new URL(postgres.connectionString);
  missing.pathname = '/nowhere';
  const store = postgresStore({ connectionString: missing.href })({ health } as never);
  await expect(store.open()).rejects.toThrow('database "nowhere" does not exist');
  await store.close();
});

it.each([
  ['that is none', 'postgres://user:hush@[::1/db'],
  ['with a port that is none', 'postgres://user:hush@127.0.0.1:99999/db'],
  ['of a certificate that is not there', 'postgres://user:hush@127.0.0.1:1/db?sslrootcert=/nowhere/ca.crt'],
])(
  'ends the start of a server with an address %s, and does not show the password',
  async (_, connectionString) => {
    const store = postgresStore({ connectionString })({ health } as never);
    const opened = store.open();
    await expect(opened).rejects.toThrow("PostgreSQL can't keep entities");
    expect(inspect(await opened.catch((error: unknown) => error))).not.toContain('hush');
    await store.close();
  },
);

it.each([-1, 0, 0.5, Number.NaN, Infinity, 1_001])('refuses a store of %s connections', (connections) => {
  expect(() => postgresStore({ connectionString: '', connections })).toThrow('connections');
});

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

describe('a PostgreSQL that holds entities', () => {
  it('shows them all, though a player has named something by what its text cannot have', async () => {
    const client = new Client({ connectionString: postgres.connectionString });
    await client.connect();
    await client.query(schema);
    const names = ['good', 'a NUL \u0000', 'half \ud83c', 'a whole 🎲', 'the text \\u0000'];
    const subjects = names.map((_, index) => `entity.shown.p0.kept.clan.${index}`);
    const bodies = names.map((name) => JSON.stringify({ version: '1', birth: 'b', state: { name } }));
    const nothing = names.map(() => null);
    const rest = [subjects, bodies, names.map(() => 0), nothing];
    await client.query(`select ${writeFunction}($1, $2, $3, $4, $5)`, ['entity.shown.p0', ...rest]);
    const { rows } = await client.query<{ name: string }>(
      `select state ->> 'name' as name from ccgame_entities where server_type = 'shown' order by id`,
    );
    await client.end();
    const shown = ['good', 'a NUL \ufffd', 'half \ufffd', 'a whole 🎲', 'the text \\ufffd'];
    expect(rows.map(({ name }) => name)).toEqual(shown);
  });

  it('tells some of them, and how many there are, without reading all of a large partition', async () => {
    const client = new Client({ connectionString: postgres.connectionString });
    await client.connect();
    await client.query(schema);
    await client.query(`insert into ccgame_entity_records (subject, partition, seq, body)
      select 'entity.large.p0.kept.clan.' || lpad(id::text, 5, '0'), 'entity.large.p0', 50000 - id, '{"version":"1"}'
      from generate_series(1, 30000) as id`);
    await client.end();
    const store = makeStore();
    await store.open();
    const subjects = new PartitionSubjects('large', '1.0.0000', 'p0');
    const partition = store.partition(subjects, { serverId: 'server-0', incarnation: '0' });
    const { found, count } = await partition.sampleKept('clan', 2);
    // All of some millions would take seconds, and a query of 2 s is taken for a database that is away.
    expect(count).toBe(10_000);
    expect(found.map(({ key }) => key)).toEqual(['clan.10000', 'clan.09999']);
    await store.close();
  });

  it('has a query that waited for a connection in vain told apart from one without an answer', async () => {
    const database = await openDatabase(postgres.connectionString, 1);
    const slow = database.query('select pg_sleep(10)', []).catch((error: unknown) => error);
    const waiting = database.query('select 1', []).catch((error: unknown) => error);
    const [first, second] = await Promise.all([slow, waiting]);
    expect([first instanceof NotTaken, second instanceof NotTaken]).toEqual([false, true]);
    await database.disconnect();
  });
});
