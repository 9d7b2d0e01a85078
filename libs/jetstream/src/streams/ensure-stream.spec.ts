import { execFileSync } from 'node:child_process';
import { DiscardPolicy, jetstream, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { register } from 'prom-client';
import { type NatsServer, startNats } from '@ccgame/testing';
import { ensureStream } from './ensure-stream.js';
import { StorageProblem } from './storage-problem.js';

describe('a stream that an older version made', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let manager: JetStreamManager;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'OLD', subjects: ['old.a'], max_msgs: 7, max_age: 60e9 });
  });
  afterAll(async () => {
    await connection.close();
    await nats.destroy();
  });

  it('gets the features and subjects that it lacks, and keeps its limits', async () => {
    const wanted = { subjects: ['old.b'], max_msgs: 9, allow_msg_ttl: true, allow_atomic: true };
    await ensureStream(manager, { name: 'OLD', ...wanted, max_bytes: 2 ** 20, allow_direct: true });
    const { config } = await manager.streams.info('OLD');
    expect(config).toMatchObject({
      subjects: ['old.a', 'old.b'],
      max_msgs: 7,
      max_age: 60e9,
      allow_msg_ttl: true,
      allow_atomic: true,
      allow_direct: true,
    });
    await expect(jetstream(connection).publish('old.b', 'x', { ttl: '60s' })).resolves.toMatchObject({
      seq: 1,
    });
  });

  it('is shown to Prometheus with its size and limit', async () => {
    const config = {
      name: 'LIMITED',
      subjects: ['limited.a'],
      max_bytes: 2 ** 20,
      discard: DiscardPolicy.New,
    };
    await ensureStream(manager, config);
    await jetstream(connection).publish('limited.a', 'x'.repeat(1_000));
    await ensureStream(manager, config);
    const text = await register.metrics();
    expect(text).toMatch(/^ccgame_storage_bytes\{storage="LIMITED"\} 1\d\d\d$/m);
    expect(text).toContain('ccgame_storage_limit_bytes{storage="LIMITED",discard="new"} 1048576');
  });

  it.each<[string, object, RegExp]>([
    ['more copies than there are servers', { num_replicas: 3 }, /^NATS refuses NEW .*NATS_REPLICAS/],
    ['the subjects of another one', { subjects: ['old.*'] }, /^NATS refuses NEW .*another stream/],
  ])('is not joined by one that wants %s, and a sentence says so', async (_, wanted, sentence) => {
    const attempt = ensureStream(manager, {
      name: 'NEW',
      subjects: ['new.a'],
      max_bytes: 2 ** 20,
      ...wanted,
    });
    await expect(attempt).rejects.toBeInstanceOf(StorageProblem);
    await expect(attempt).rejects.toThrow(sentence);
  });

  it('is not touched when it lacks nothing', async () => {
    const update = jest.spyOn(manager.streams, 'update');
    await ensureStream(manager, {
      name: 'OLD',
      subjects: ['old.a'],
      max_bytes: 2 ** 20,
      allow_msg_ttl: true,
    });
    await manager.streams.add({ name: 'SOURCED', sources: [{ name: 'OLD' }] });
    await ensureStream(manager, { name: 'SOURCED', sources: [{ name: 'OLD' }], max_bytes: 2 ** 20 });
    expect(update).not.toHaveBeenCalled();
  });
});

/** `ensureStream` takes none without `max_bytes`; docs/storage.md has the bounds. */
it('is what makes every stream and bucket of the product, so that each has a bound', () => {
  const folders = ['libs/*/src/*.ts', 'apps/*.ts', 'game/*.ts'];
  const pattern = String.raw`streams\.add\(|new Kvm\(.*\.create\(`;
  const found = execFileSync('git', ['grep', '-lE', pattern, '--', ...folders, ':!*.spec.ts'], {
    encoding: 'utf8',
  });
  expect(found.trim().split('\n')).toEqual([
    // The probe of a restore has the bound that it asks for.
    'libs/jetstream/src/backup/standing-streams.ts',
    'libs/jetstream/src/streams/ensure-stream.ts',
  ]);
});
