import { Client } from 'pg';
import { PostgresServer, type ServerProcess } from '@ccgame/testing';
import { add, addLater, counter, grow } from '../../../proof/entities/contracts.js';
import { Caller, expectExactly } from './caller.js';
import { until } from './host-cluster.js';
import { PlayCluster } from './play-cluster.js';

describe('an entity in PostgreSQL', () => {
  let postgres: PostgresServer;
  let cluster: PlayCluster;
  let database: Client;
  const callers: Caller[] = [];

  beforeAll(async () => {
    postgres = await PostgresServer.start();
    cluster = await PlayCluster.start(2, { PLAY_DATABASE: postgres.connectionString });
    database = await connected();
  });
  afterEach(async () => {
    await Promise.all(callers.splice(0).map((caller) => caller.stop()));
  });
  afterAll(async () => {
    await database.end();
    await cluster.stop();
    await postgres.destroy();
  });

  async function connected(): Promise<Client> {
    const client = new Client({ connectionString: postgres.connectionString });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  const addTo = (counterId: string, by = 1) => cluster.client.call(add, counterId, { counterId, by });

  /** The counters, on all partitions, that have been answered so often. */
  async function startCallers(name: string): Promise<Caller[]> {
    callers.push(...Array.from({ length: 8 }, (_, index) => new Caller(cluster, `${name}-${index}`)));
    await untilAnswered();
    return callers;
  }

  async function untilAnswered(): Promise<void> {
    await Promise.all(callers.map((caller) => caller.untilAnswers(8)));
  }

  async function expectAllExactly(): Promise<void> {
    await Promise.all(callers.map((caller) => caller.stop()));
    for (const caller of callers) expectExactly(caller);
    expect(await cluster.metric('ccgame_entities_divergences_total')).toBe(0);
  }

  async function ownerOf(counterId: string): Promise<ServerProcess> {
    const subject = `entity.play.${counter.keyOf(counterId)}.own.1_0_0000.fence`;
    const text = `select body::json ->> 'serverId' as holder from ccgame_entity_records where subject = $1`;
    const { rows } = await database.query<{ holder: string }>(text, [subject]);
    const owner = cluster.servers.find(({ serverId }) => serverId === rows[0].holder);
    if (!owner) throw new Error(`Nobody owns ${counterId}`);
    return owner;
  }

  it('is a row that people can read, and refuses what is too large', async () => {
    await addTo('ann', 5);
    await expect(cluster.client.call(grow, 'ann', { bytes: 20_000 })).rejects.toMatchObject({
      code: 'STATE_TOO_LARGE',
      details: { limit: 16_384 },
    });
    await expect(addTo('ann', 1)).resolves.toEqual({ value: 6, inputs: 2 });
    const stateOf = async (): Promise<unknown> =>
      (await database.query<{ state: object }>(`select * from ccgame_entities where id = 'ann'`)).rows;
    const row = { server_type: 'play', name: 'counter', version: '1.0.0000' };
    await until(async () => JSON.stringify(await stateOf()).includes('"value":6'));
    expect(await stateOf()).toMatchObject([{ ...row, state: { value: 6, inputs: 2 } }]);
  });

  it('loses no answered input, and applies none twice, when its server is killed, and when PostgreSQL is', async () => {
    await Promise.all(
      ['a', 'b', 'c'].map((id) => cluster.client.call(addLater, id, { by: 5, afterMs: 1_500 })),
    );
    await startCallers('killed');
    const owner = await ownerOf('killed-0');
    await owner.kill();
    await untilAnswered();
    owner.start();
    await postgres.stop('SIGQUIT');
    await postgres.start();
    database = await connected();
    await untilAnswered();
    await owner.untilReady();
    await untilAnswered();
    await expectAllExactly();
    const values = async (): Promise<number[]> =>
      Promise.all(['a', 'b', 'c'].map(async (id) => (await addTo(id, 0)).value));
    await until(async () => (await values()).every((value) => value === 5));
  });

  it('is not harmed by an owner that was paused, and wakes, or that stops as planned', async () => {
    await startCallers('paused');
    const owner = await ownerOf('paused-0');
    owner.signal('SIGSTOP');
    await untilAnswered();
    owner.signal('SIGCONT');
    await untilAnswered();
    await expect(owner.stop(10_000)).resolves.toBe('exit code 0');
    await untilAnswered();
    owner.start();
    await owner.untilReady();
    await expectAllExactly();
  });
});
