import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { type Msg, TimeoutError } from '@nats-io/nats-core';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { DirectReader, type StoredMessage } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { rpcContext, RpcService } from '@ccgame/rpc';
import { type Gauge, register } from 'prom-client';
import { type NatsServer, startNats, calmTime, untilHolds } from '@ccgame/testing';
import { ReleaseService } from './release.service.js';
import { historyStream } from './release-history.js';
import { ReleaseStore, releasesBucket } from './release-store.js';
import { addVersion, firstTable, markLive, setCanary } from './table-changes.js';
import type { ReleaseRecord } from './table.js';
import { TableError } from './table-problems.js';

const note = { who: 'anna', why: 'a test', action: 'test' };
const channel = 'production';

describe('the release table in NATS', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let store: ReleaseStore;
  const closers: Array<() => Promise<void>> = [];

  beforeEach(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    store = await ReleaseStore.open(connection);
    await store.writeFirstTable(firstTable(channel, '1.0.0000'), note);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const close of closers.splice(0)) await close();
    await connection.close();
    await nats.destroy();
  });

  /** A server's own view of it, over a connection of its own. */
  async function reader(): Promise<ReleaseService> {
    const own = await connect({ servers: nats.address, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    const service = new ReleaseService(own, new NatsHealth(own));
    await service.onModuleInit();
    closers.push(async () => {
      await service.beforeApplicationShutdown();
      await own.close();
    });
    return service;
  }

  async function changes(): Promise<ReleaseRecord[]> {
    const found: ReleaseRecord[] = [];
    await store.readHistory(channel, (change) => found.push(change));
    return found;
  }

  /** Past all checks, but by compare-and-set. */
  async function overwrite(key: string, text: string): Promise<void> {
    const bucket = await new Kvm(connection).create(releasesBucket);
    await bucket.put(key, text, { previousSeq: (await bucket.get(key))?.revision ?? 0 });
  }

  function sees(service: ReleaseService, version: string): Promise<void> {
    return new Promise((resolve) => {
      if (service.currentTable()?.versions[version]) return resolve();
      const stop = service.onChange((table) => {
        if (!table.versions[version]) return;
        stop();
        resolve();
      });
    });
  }

  it('reaches 20 servers within 1 s of a change', async () => {
    const readers = await Promise.all(Array.from({ length: 20 }, () => reader()));
    await store.changeTable(channel, addVersion('1.0.0001'), note);
    const calmMs = calmTime();
    await Promise.all(readers.map((service) => sees(service, '1.0.0001')));
    expect(calmMs()).toBeLessThan(1000);
  });

  it('is changed by one of two operators at once; the other is told, and changes nothing', async () => {
    const both = [addVersion('1.0.0001'), addVersion('1.0.0002')].map((change) =>
      store.changeTable(channel, change, note),
    );
    const outcomes = await Promise.allSettled(both);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]?.reason).toEqual(
      new TableError([
        'The channel production was changed by somebody else in between; look at it and try again.',
      ]),
    );
    expect(Object.keys((await store.readTable(channel))?.table.versions ?? {})).toHaveLength(2);
  });

  /** The next write to the bucket is answered in this way. */
  function answerNextWrite(answer: (write: () => Promise<Msg>) => Promise<Msg>): void {
    const request = connection.request.bind(connection);
    const spy = jest.spyOn(connection, 'request').mockImplementation((subject, ...rest) => {
      if (!subject.startsWith('$KV.')) return request(subject, ...rest);
      spy.mockRestore();
      return answer(() => request(subject, ...rest));
    });
  }

  it('is changed where NATS stored the change, and died before it could say so', async () => {
    answerNextWrite(async (write) => {
      await write();
      // Somebody else's change may come next.
      await store.changeTable(channel, addVersion('1.0.0002'), { ...note, action: 'other' });
      throw new TimeoutError();
    });
    const stored = await store.changeTable(channel, addVersion('1.0.0001'), note);
    expect(Object.keys(stored.table.versions)).toEqual(['1.0.0000', '1.0.0001']);
    expect((await store.readTable(channel))?.revision).toBe(stored.revision + 1);
  });

  it('may be changed or not where NATS does not say, and does not show it: the error says how to go on', async () => {
    const before = await store.readTable(channel);
    answerNextWrite(() => Promise.reject(new TimeoutError()));
    await expect(store.changeTable(channel, addVersion('1.0.0001'), note)).rejects.toThrow(
      /did not say whether it has the change \(timeout\).*"ccgame release follow"/,
    );
    expect(await store.readTable(channel)).toEqual(before);
  });

  it('is not made twice', async () => {
    await expect(store.writeFirstTable(firstTable(channel, '2.0.0000'), note)).rejects.toThrow(
      'has a table already',
    );
    await expect(store.changeTable('staging', addVersion('1.0.0001'), note)).rejects.toThrow(
      'ccgame release init',
    );
  });

  it('is left as it is by a change that is refused', async () => {
    const before = await store.readTable(channel);
    await expect(store.changeTable(channel, setCanary('1.0.0009', { weight: 10 }), note)).rejects.toThrow(
      TableError,
    );
    expect(await store.readTable(channel)).toEqual(before);
  });

  it('has a history with who, when and why', async () => {
    await store.changeTable(channel, addVersion('1.0.0001'), {
      who: 'ben',
      why: 'new maps',
      action: 'deploy 1.0.0001',
    });
    const history = await changes();
    expect(history.map(({ who, why }) => [who, why])).toEqual([
      ['anna', 'a test'],
      ['ben', 'new maps'],
    ]);
    expect(history[1]?.at).toBeGreaterThan(Date.now() - 10_000);
  });

  it('is ignored by readers when it is broken, and the next good one is taken', async () => {
    const service = await reader();
    for (const broken of ['no JSON', '{}', JSON.stringify({ table: { stable: '9.9.9999' } })])
      await overwrite(channel, broken);
    await overwrite(
      channel,
      JSON.stringify({ ...note, at: 0, table: firstTable(channel, '1.0.0000', ['1.0.0001']) }),
    );
    await sees(service, '1.0.0001');
    expect(service.currentTable()?.stable).toBe('1.0.0000');
  });

  it('is not taken for broken where a listener has a fault', async () => {
    const service = await reader();
    const came = sees(service, '1.0.0001');
    service.onChange(() => {
      throw new Error('A listener has a fault');
    });
    await store.changeTable(channel, addVersion('1.0.0001'), note);
    await came;
    await store.changeTable(channel, addVersion('1.0.0002'), note);
    await untilHolds(() => service.currentTable()?.versions['1.0.0002'] !== undefined);
    expect(await alarm()).toBe(0);
  });

  it('is the last good one for a server that starts while it is broken, which gives the alarm', async () => {
    await overwrite(channel, 'no JSON');
    const service = await reader();
    expect(service.chooseFor({}).version).toBe('1.0.0000');
    await untilHolds(async () => (await alarm()) === 1);
    await store.changeTable(channel, addVersion('1.0.0001'), note);
    await sees(service, '1.0.0001');
    expect(await alarm()).toBe(0);
  });

  it('is not what JetStream was made to answer to its subject: an older table comes back to nobody', async () => {
    await store.changeTable(channel, addVersion('1.0.0001'), note);
    const service = await reader();
    const answer = JSON.stringify({ ...note, at: 0, table: firstTable(channel, '1.0.0000') });
    // As a direct get with `no_hdr` answers, whose reply subject NATS does not check.
    await (await new Kvm(connection).create(releasesBucket)).put(channel, answer);
    expect((await store.readTable(channel))?.table.versions).toHaveProperty(['1.0.0001']);
    await store.changeTable(channel, addVersion('1.0.0002'), note);
    await sees(service, '1.0.0002');
    expect(Object.keys(service.currentTable()?.versions ?? {})).toEqual(['1.0.0000', '1.0.0001', '1.0.0002']);
  });

  /** The next read of a stream is answered by a replica that doesn't have its newest message yet. */
  function leaveBehind(stream: string): void {
    const { readEach } = DirectReader.prototype;
    let isBehind = true;
    jest.spyOn(DirectReader.prototype, 'readEach').mockImplementation(async function (
      this: DirectReader,
      ...[asked, request, take]: Parameters<typeof readEach>
    ) {
      const messages: StoredMessage[] = [];
      const pending = await readEach.call(this, asked, request, (message) => messages.push(message));
      if (asked === stream && isBehind) messages.pop();
      if (asked === stream) isBehind = false;
      messages.forEach(take);
      return pending;
    });
  }

  it('keeps a change that a replica of NATS did not have yet when the next one was made', async () => {
    await store.changeTable(channel, addVersion('1.0.0001'), note);
    leaveBehind(`KV_${releasesBucket}`);
    await store.changeTable(channel, addVersion('1.0.0002'), note);
    const versions = (await store.readTable(channel))?.table.versions ?? {};
    expect(Object.keys(versions)).toEqual(['1.0.0000', '1.0.0001', '1.0.0002']);
  });

  it('is not made a second time by one who asked a replica that has none yet', async () => {
    leaveBehind(`KV_${releasesBucket}`);
    await expect(store.writeFirstTable(firstTable(channel, '2.0.0000'), note)).rejects.toThrow(
      'has a table already',
    );
  });

  it('has a change of somebody whose clock is behind in its history, before the stream of that has it', async () => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 300_000);
    await store.changeTable(channel, addVersion('1.0.0001'), { ...note, action: 'late clock' });
    clock.mockRestore();
    const { streams } = await jetstreamManager(connection);
    await untilHolds(async () => (await streams.info(historyStream.name)).state.messages === 2);
    leaveBehind(historyStream.name);
    expect((await changes()).map(({ action }) => action)).toEqual(['test', 'late clock']);
  });

  it('can be made anew where something else stands in its place', async () => {
    await overwrite('staging', '{}');
    await store.writeFirstTable(firstTable('staging', '2.0.0000'), note);
    expect((await store.readTable('staging'))?.table.stable).toBe('2.0.0000');
  });

  it('is refused when it is larger than NATS takes', async () => {
    await store.changeTable(channel, (table) => markLive('1.0.0001')(addVersion('1.0.0001')(table)), note);
    const rule = { players: Array.from({ length: 10_000 }, (_, i) => `${i}`.padStart(100, 'p')) };
    await expect(store.changeTable(channel, setCanary('1.0.0001', { rules: [rule] }), note)).rejects.toThrow(
      /The table would have \d+ KB, and 512 are the most/,
    );
  });

  it('has a history without what is no line of it', async () => {
    const table = firstTable(channel, '1.0.0000');
    const lines = [
      { ...note, table },
      { ...note, at: 'yesterday', table },
      { ...note, at: 1e300, table },
      { ...note, at: 1, who: 7, table },
      { ...note, at: 1, table: 'none' },
    ];
    for (const line of ['no JSON', 'null', '[]', ...lines.map((one) => JSON.stringify(one))])
      await overwrite(channel, line);
    await store.changeTable(channel, addVersion('1.0.0001'), { ...note, action: 'afterwards' });
    const { streams } = await jetstreamManager(connection);
    await untilHolds(async () => (await streams.info(historyStream.name)).state.messages === 10);
    expect((await changes()).map(({ action }) => action)).toEqual(['test', 'afterwards']);
  });

  it('has a history that outlives the 64 entries of a KV bucket', async () => {
    for (let change = 1; change <= 70; change += 1) {
      await store.changeTable(channel, (table) => ({ ...table, salt: String(change) }), note);
    }
    const history = await changes();
    expect(history).toHaveLength(71);
    expect(history.at(-1)?.table.salt).toBe('70');
  });

  it('stays in force while NATS is away, and goes on when NATS is back', async () => {
    const service = await reader();
    await nats.stop('SIGKILL');
    expect(service.chooseFor({}).version).toBe('1.0.0000');
    expect(() => service.chooseFor({ requested: '9.9.9999' })).toThrow(
      expect.objectContaining({ code: 'VERSION_GONE' }),
    );
    await nats.start();
    await persistently(() => store.changeTable(channel, addVersion('1.0.0001'), note));
    await sees(service, '1.0.0001');
  });

  it('is told once where all of its history is read again, as after a restore, and none of the older tables is', async () => {
    const label = (number: number): string => `1.0.000${number}`;
    for (const number of [1, 2, 3]) await store.changeTable(channel, addVersion(label(number)), note);
    const service = await reader();
    const told: (string | undefined)[] = [];
    service.onChange(({ versions }) => told.push(Object.keys(versions).at(-1)));
    await nats.stop();
    const [files, kept] = [join(nats.folder, 'jetstream'), join(nats.folder, 'kept')];
    cpSync(files, kept, { recursive: true });
    await nats.start();
    await persistently(() => store.changeTable(channel, addVersion(label(4)), note));
    await sees(service, label(4));
    await nats.stop('SIGKILL');
    rmSync(files, { recursive: true });
    renameSync(kept, files);
    await nats.start();
    await untilHolds(() => service.currentTable()?.versions[label(4)] === undefined);
    expect(told).toEqual([label(4), label(3)]);
  });

  it('decides which servers may be called', async () => {
    await store.changeTable(channel, (table) => markLive('1.0.0001')(addVersion('1.0.0001')(table)), note);
    await store.changeTable(
      channel,
      (table) => markLive('2.0.0000')(addVersion('2.0.0000', 'two')(table)),
      note,
    );
    const service = await reader();
    await sees(service, '2.0.0000');
    expect(() => service.assertCallable('1.0.0000', '1.0.0001')).not.toThrow();
    expect(() => service.assertCallable('1.0.0000', '2.0.0000')).toThrow(
      expect.objectContaining({ code: 'VERSION_GONE' }),
    );
    expect(() => service.assertCallable('1.0.0000', '3.0.0000')).toThrow(
      expect.objectContaining({ code: 'VERSION_GONE' }),
    );
    // The table forgets a version that was retired long ago; it never had those that are not released.
    const gone = ['1.0.0000', '0.9.0000', 'latest'].map((version) => service.isRetired(version));
    expect(gone).toEqual([false, true, false]);
  });

  it("refuses a server's own call of a version of another group, and says which it may call", async () => {
    await store.changeTable(channel, (table) => markLive('1.0.0001')(addVersion('1.0.0001')(table)), note);
    await store.changeTable(
      channel,
      (table) => markLive('2.0.0000')(addVersion('2.0.0000', 'two')(table)),
      note,
    );
    const service = await reader();
    await sees(service, '2.0.0000');
    const identity = { serverId: 'matching-0', serverType: 'matching', version: '1.0.0000' };
    const health = new NatsHealth(connection);
    const rpc = new RpcService(connection, health, { identity, timeoutMs: 1_000 }, service.resolveVersion);
    closers.push(async () => rpc.onApplicationShutdown());
    const call = (version?: string) => rpc.doRPC({ serverType: 'chat', handler: 'greet', version });
    await expect(call('2.0.0000')).rejects.toMatchObject({
      code: 'VERSION_GONE',
      details: { detail: "Versions 1.0.0000 and 2.0.0000 don't share servers.", use: '1.0.0000' },
    });
    // No such server runs here: the others are let through, and end at that.
    for (const version of [undefined, '1.0.0001', 'latest'])
      await expect(call(version)).rejects.toMatchObject({ code: 'NO_SERVER' });
    const session = { version: '2.0.0000', attributes: {} };
    await expect(rpcContext.run(session, () => call('2.0.0000'))).rejects.toMatchObject({
      code: 'NO_SERVER',
    });
    await expect(rpcContext.run(session, () => call('1.0.0001'))).rejects.toMatchObject({
      code: 'VERSION_GONE',
      details: { use: '2.0.0000' },
    });
  });
});

/** JetStream starts a moment after NATS itself. */
function persistently(work: () => Promise<unknown>): Promise<void> {
  return untilHolds(() =>
    work().then(
      () => true,
      () => false,
    ),
  );
}

async function alarm(): Promise<number | undefined> {
  const { values } = await (register.getSingleMetric('ccgame_release_table_broken') as Gauge).get();
  return values[0]?.value;
}
