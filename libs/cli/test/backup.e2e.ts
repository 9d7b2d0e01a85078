import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { GUEST_OPTIONS, GuestAccounts } from '@ccgame/accounts';
import { addToSeries, backUpStreams, StoredRecords } from '@ccgame/jetstream';
import { Leaderboards, ScoreSubmitter } from '@ccgame/leaderboards';
import { firstTable, ReleaseStore } from '@ccgame/releases';
import { PushService, type SessionClaim } from '@ccgame/sessions';
import { NatsCluster, startServer } from '@ccgame/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { add } from '../../../proof/entities/contracts.js';
import { Door } from '../../entities/test/door.js';
import { PlayCluster } from '../../entities/test/play-cluster.js';
import { openBoards, until } from '../../leaderboards/test/boards-app.js';
import { openProcess } from '../../sessions/test/process.js';
import { restoreInto } from '../src/backup/restore-backup.js';
import type { ServerInstance } from '../src/release/targets/target.js';

const boards = [{ name: 'duel', kind: 'sum' as const }];
const table = firstTable('production', '1.0.0000', ['1.0.0001']);
const all = { replace: false };
/** The place where servers run knows of none, or of one that was paused. */
const placeWith = (...instances: ServerInstance[]) => ({
  servers: () => Promise.resolve({ counts: [], instances }),
});
const nobody = placeWith();
const paused: ServerInstance = {
  serverId: 'http-prod-v100000-x',
  serverType: 'http',
  version: '1.0.0000',
  state: 'running',
  isReady: false,
  stopMs: 1_000,
};

/** One game whose NATS loses all its files. The tests are its steps, in order. */
describe('a backup', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-backup-'));
  const backup = join(folder, 'first');
  let cluster: PlayCluster;
  let guest: string;
  let session: string;

  beforeAll(async () => {
    cluster = await PlayCluster.start(1);
  });
  afterAll(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const streams = async (nats: NatsConnection): Promise<Record<string, number>> => {
    const found: Record<string, number> = {};
    const manager = await jetstreamManager(nats);
    for await (const { config, state } of manager.streams.list()) found[config.name] = state.messages;
    return found;
  };

  /** Stands for the http servers: they end with the work. */
  async function asHttp<T>(work: (guests: GuestAccounts, pushes: PushService) => Promise<T>): Promise<T> {
    const options = { provide: GUEST_OPTIONS, useValue: { forgottenAfterSeconds: 600 } };
    const app = await openProcess('http-0', cluster.nats.address, [StoredRecords, GuestAccounts, options]);
    try {
      return await work(app.get(GuestAccounts), app.get(PushService));
    } finally {
      await app.close();
    }
  }

  async function withBoards<T>(
    work: (submitter: ScoreSubmitter, leaderboards: Leaderboards) => Promise<T>,
  ): Promise<T> {
    const app = await openBoards(cluster.nats.address, { boards, serves: true }, 'http-1');
    try {
      return await work(app.get(ScoreSubmitter), app.get(Leaderboards));
    } finally {
      await app.close();
    }
  }

  const topOf = async (leaderboards: Leaderboards): Promise<string> => {
    const view = await leaderboards.top('duel').catch(() => undefined);
    return (view?.entries ?? []).map(({ playerId, score }) => `${playerId} ${score}`).join();
  };
  const submit = (submitter: ScoreSubmitter, id: string, playerId: string, score: number): Promise<unknown> =>
    submitter.submitScore({ topic: 'duel', id, playerId, score });

  async function enter(name: string, wanted?: string): Promise<SessionClaim> {
    const door = await Door.open(name, cluster.nats.address);
    const claim = await door.enter('anna', wanted);
    await door.vanish();
    return claim;
  }

  it('holds a session, guests, boards, entities and the release table, and no pushes', async () => {
    await cluster.client.call(add, 'one', { counterId: 'one', by: 5 });
    ({ session } = (await enter('connector-0')).record);
    await asHttp(async (guests, pushes) => {
      guest = await guests.playerOf('a-device');
      await pushes.toPlayer('anna', 'hello', 1);
    });
    await withBoards(async (submitter, leaderboards) => {
      await submit(submitter, 'm1', 'anna', 3);
      await until(async () => (await topOf(leaderboards)) === 'anna 3');
    });
    const note = { who: 'test', why: '', action: 'init' };
    await (await ReleaseStore.open(cluster.connection)).writeFirstTable(table, note);

    const written = await backUpStreams(cluster.connection, backup);
    const names = written.map(({ name }) => name);
    const expected = ['ENTITIES_PLAY', 'KV_guests', 'KV_releases', 'KV_sessions', 'LEADERBOARDS'];
    expect(names).toEqual(expect.arrayContaining([...expected, 'LEADERBOARD_RESULTS', 'RELEASE_HISTORY']));
    // A board that counted a result must not be newer than the results.
    expect(names.indexOf('LEADERBOARDS')).toBeLessThan(names.indexOf('LEADERBOARD_RESULTS'));
    expect(names).not.toContain('PUSH');
    // Beside the push there may be a mark of the probe.
    expect((await streams(cluster.connection)).PUSH).toBeGreaterThan(0);
    await expect(backUpStreams(cluster.connection, backup)).rejects.toThrow('is there already');
  });

  it('is restored only while no server runs, and over nothing', async () => {
    await expect(restoreInto(cluster.connection, backup, all, nobody)).rejects.toThrow(
      /These servers run.*play-/,
    );
    await cluster.servers[0].stop(15_000);
    await expect(restoreInto(cluster.connection, backup, all, placeWith(paused))).rejects.toThrow(
      /These servers run.*http-prod-v100000-x/,
    );
    const lost = placeWith({ ...paused, lostNode: 'node-1' });
    await expect(restoreInto(cluster.connection, backup, all, lost)).rejects.toThrow(
      /There is something in ENTITIES_PLAY, .*--replace/,
    );
    await expect(restoreInto(cluster.connection, backup, { ...all, only: ['MINE'] }, nobody)).rejects.toThrow(
      /has no MINE; it has .*ENTITIES_PLAY/,
    );
    await expect(restoreInto(cluster.connection, folder, all, nobody)).rejects.toThrow();
  });

  it('brings all of it back after NATS lost its files', async () => {
    await cluster.nats.restartEmpty();
    await until(
      async () => Object.keys(await streams(cluster.connection).catch(() => ({ x: 1 }))).length === 0,
    );
    // As the server type `storage` makes it before anybody has restored.
    const { streams: made } = await jetstreamManager(cluster.connection);
    await made.add({ name: 'KV_guests', subjects: ['$KV.guests.>'] });
    const restored = await restoreInto(cluster.connection, backup, all, nobody);
    expect(restored.length).toBeGreaterThan(6);

    // It makes what is in no backup.
    const { nats } = cluster;
    const where = { root: process.cwd(), nats, logFolder: nats.folder, version: '1.0.0000' };
    const { process: storage } = await startServer({ ...where, serverType: 'storage' });
    cluster.servers[0].start();
    await cluster.servers[0].untilReady();
    await storage.stop();
    await expect(cluster.client.call(add, 'one', { counterId: 'one', by: 1 })).resolves.toMatchObject({
      value: 6,
    });
    expect(await enter('connector-1', session)).toMatchObject({ record: { session }, isResumed: true });
    expect(await asHttp((guests) => guests.playerOf('a-device'))).toBe(guest);
    await withBoards(async (submitter, leaderboards) => {
      await until(async () => (await topOf(leaderboards)) === 'anna 3');
      // Counted already, and a new one.
      await submit(submitter, 'm1', 'anna', 3);
      await submit(submitter, 'm2', 'ben', 1);
      await until(async () => (await topOf(leaderboards)) === 'anna 3,ben 1');
    });
    const store = await ReleaseStore.open(cluster.connection);
    expect((await store.readTable('production'))?.table).toEqual(table);
  });

  it('may replace single streams, and deletes none for an archive that is damaged', async () => {
    await cluster.servers[0].stop(15_000);
    const only = { only: ['KV_releases'], replace: true };
    await (await jetstreamManager(cluster.connection)).streams.purge('KV_releases');
    await restoreInto(cluster.connection, backup, only, nobody);
    expect(await (await ReleaseStore.open(cluster.connection)).readTable('production')).toMatchObject({
      table,
    });
    truncateSync(join(backup, 'KV_releases', 'stream.tar.s2'), 200);
    await expect(restoreInto(cluster.connection, backup, only, nobody)).rejects.toThrow(
      /stream.tar.s2 has 200 bytes/,
    );
    expect(await (await ReleaseStore.open(cluster.connection)).readTable('production')).toMatchObject({
      table,
    });
  });

  it('deletes nothing where NATS would not take what comes in its place', async () => {
    const before = await streams(cluster.connection);
    const three = { only: ['KV_guests', 'KV_sessions'], replace: true, replicas: 3 };
    await expect(restoreInto(cluster.connection, backup, three, nobody)).rejects.toThrow(
      /NATS would not take the backup: .*replicas.* Nothing was changed/,
    );
    expect(await streams(cluster.connection)).toEqual(before);
  });

  it('says what is to be restored still where it broke off', async () => {
    // As the nats command makes it, without a digest.
    const broken = join(folder, 'broken');
    cpSync(backup, broken, { recursive: true });
    const file = join(broken, 'KV_guests', 'backup.json');
    const { archive: _, ...head } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify(head));
    truncateSync(join(broken, 'KV_guests', 'stream.tar.s2'), 200);
    const only = ['KV_guests', 'KV_sessions'];
    await expect(restoreInto(cluster.connection, broken, { only, replace: true }, nobody)).rejects.toThrow(
      /KV_guests could not be restored .* again with --only KV_guests,KV_sessions\./,
    );
    await restoreInto(cluster.connection, backup, { only, replace: true }, nobody);
  });

  it('goes from one NATS server to three, with a copy on each', async () => {
    const three = await NatsCluster.start();
    const nats = await connect({
      servers: three.address.split(',').map((one) => one.slice('nats://'.length)),
    });
    try {
      await until(() => jetstreamManager(nats).then(Boolean, () => false));
      await until(() =>
        restoreInto(nats, backup, { only: ['ENTITIES_PLAY'], replace: true, replicas: 3 }, nobody).then(
          () => true,
          // They are still finding each other.
          () => false,
        ),
      );
      const { config, state } = await (await jetstreamManager(nats)).streams.info('ENTITIES_PLAY');
      expect(config.num_replicas).toBe(3);
      expect(state.messages).toBeGreaterThan(0);
    } finally {
      await nats.close();
      await three.destroy();
    }
  });

  it('is made on a schedule, and the newest ones stay', async () => {
    const series = join(folder, 'series');
    const first = await addToSeries(cluster.connection, series, 2);
    expect(first.folder).toMatch(/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/);
    expect(existsSync(join(first.folder, 'ENTITIES_PLAY', 'stream.tar.s2'))).toBe(true);
    for (const name of ['2020-01-01T00-00-00Z', '2020-01-02T00-00-00Z.part', 'notes.txt'])
      writeFileSync(join(series, name), '');
    // The next backup is of another second, by which it is named.
    await until(() => addToSeries(cluster.connection, series, 2).then(Boolean, () => false));
    expect(readdirSync(series).sort()).toEqual([
      basename(first.folder),
      expect.stringMatching(/Z$/),
      'notes.txt',
    ]);
  });
});
