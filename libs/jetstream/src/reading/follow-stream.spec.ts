import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { calmTime, type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { NatsWithUsers } from '../../../rpc/test/nats-with-users.js';
import { sleep } from '../../../rpc/test/rpc-app.js';
import { NatsHealth } from '@ccgame/nats';
import { AckedPublisher } from '../writing/acked-publisher.js';
import { NotStored } from '../writing/not-stored.js';
import { DirectReader, NotRead } from './direct-reader.js';
import { ensureBucket } from '../streams/ensure-bucket.js';
import { ensureStream } from '../streams/ensure-stream.js';
import { type FollowOptions, StreamFollower } from './follow-stream.js';
import { isUncertain } from '../writing/refusals.js';

let nats: NatsServer;
let connection: NatsConnection;
let counter = 0;
const followers: StreamFollower[] = [];

beforeAll(async () => {
  nats = await startNats();
  connection = await connect({ servers: nats.address, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
});
afterEach(async () => {
  await Promise.all(followers.splice(0).map((one) => one.close()));
});
afterAll(async () => {
  await connection.close();
  await nats.destroy();
});

async function makeStream(options: Partial<StreamConfig> = {}, name = `S${counter++}`): Promise<string> {
  const { streams } = await jetstreamManager(connection);
  await streams.add({ name, subjects: [`${name}.>`], allow_direct: true, ...options });
  return name;
}

interface Followed {
  follower: StreamFollower;
  /** The messages as they came, `subject=text`. */
  seen: string[];
  resets: number;
  /** Resolves when that one has come. */
  until: (message: string) => Promise<void>;
}

function follow(options: Omit<FollowOptions, 'onMessage' | 'onReset'>, nats = connection): Followed {
  const waiting = new Map<string, () => void>();
  const seen: string[] = [];
  const until = (message: string): Promise<void> =>
    seen.includes(message) ? Promise.resolve() : new Promise((resolve) => waiting.set(message, resolve));
  const followed: Omit<Followed, 'follower'> = { seen, resets: 0, until };
  const follower = new StreamFollower(nats, new NatsHealth(nats), {
    ...options,
    onReset: () => void followed.resets++,
    onMessage: ({ subject, data }) => {
      const message = `${subject.slice(options.stream.length + 1)}=${Buffer.from(data).toString()}`;
      seen.push(message);
      waiting.get(message)?.();
    },
  });
  followers.push(follower);
  return Object.assign(followed, { follower });
}

async function publish(subject: string, text: string, expected?: number): Promise<boolean> {
  const given = headers();
  if (expected !== undefined) given.set('Nats-Expected-Last-Subject-Sequence', String(expected));
  const answer = await connection.request(subject, text, { headers: given, timeout: 1_000 });
  return !('error' in answer.json<object>());
}

describe('a follower of a stream', () => {
  it('has every message once and in order: what is there, and what comes', async () => {
    const stream = await makeStream();
    const sent = Array.from({ length: 3_000 }, (_, index) => `${index % 7}=${index}`);
    for (const message of sent.slice(0, 1_000)) connection.publish(...split(stream, message));
    const { seen, until, follower } = follow({ stream });
    for (const message of sent.slice(1_000)) connection.publish(...split(stream, message));
    await until(sent.at(-1) ?? '');
    expect(seen).toEqual(sent);
    while (!follower.isCaughtUp) await sleep(5);
  });

  it('goes on behind messages that are gone, and where writes are refused', async () => {
    const stream = await makeStream({ max_msgs_per_subject: 1 });
    const { until, seen } = follow({ stream });
    for (let round = 0; round < 50; round++) {
      expect(await publish(`${stream}.once`, 'x', 0)).toBe(round === 0);
      for (let copy = 0; copy < 5; copy++) connection.publish(`${stream}.same`, `${round}.${copy}`);
      expect(await publish(`${stream}.${round}`, 'own')).toBe(true);
    }
    await until('49=own');
    expect(seen.filter((message) => message.endsWith('=own'))).toHaveLength(50);
    expect(seen.filter((message) => message.startsWith('same=')).at(-1)).toBe('same=49.4');
  });

  it('begins with the newest of a subject, or from a moment', async () => {
    const stream = await makeStream();
    for (const text of ['a', 'b']) await publish(`${stream}.key`, text);
    await publish(`${stream}.other`, 'x');
    await sleep(5);
    const from = new Date().toISOString();
    await sleep(5);
    await publish(`${stream}.key`, 'c');
    const newest = follow({ stream, subject: `${stream}.key`, newest: true });
    const since = follow({ stream, from });
    await Promise.all([newest.until('key=c'), since.until('key=c')]);
    await publish(`${stream}.key`, 'd');
    await Promise.all([newest.until('key=d'), since.until('key=d')]);
    expect([newest.seen, since.seen]).toEqual([
      ['key=c', 'key=d'],
      ['key=c', 'key=d'],
    ]);
  });

  it('begins with the newest of more subjects than NATS reads at once', async () => {
    const stream = await makeStream();
    for (let index = 0; index < 1_500; index++) connection.publish(`${stream}.${index}`, 'x');
    await publish(`${stream}.last`, 'x');
    const { until, seen } = follow({ stream, newest: true });
    await until('last=x');
    expect(seen).toHaveLength(1_501);
  });

  it('leaves out what was sent there as the answer to a request', async () => {
    const [stream, evil] = [await makeStream(), await makeStream()];
    const followed = follow({ stream, expecting: true });
    await publish(`${evil}.x`, 'evil', 0);
    const none = { last_by_subj: `${evil}.none` };
    // A batch ends with a message that has headers, but none of its stream's. The reader may not write the messages a second time.
    for (const request of [{ seq: 1 }, { seq: 1, no_hdr: true }, { seq: 1, batch: 1 }, none]) {
      const reply = `${stream}.a`;
      connection.publish(`$JS.API.DIRECT.GET.${evil}`, JSON.stringify(request), { reply });
    }
    while (!(await publish(`${stream}.a`, 'true', 4)));
    await followed.until('a=true');
    expect(followed.seen).toEqual(['a=true']);
  });

  it('notices that the stream was made anew while the connection lasts', async () => {
    const stream = await makeStream();
    const followed = follow({ stream });
    await publish(`${stream}.a`, '1');
    await followed.until('a=1');
    await (await jetstreamManager(connection)).streams.delete(stream);
    await makeStream({}, stream);
    await publish(`${stream}.a`, '2');
    await followed.until('a=2');
    expect(followed.resets).toBe(1);
  });

  it('goes on when NATS is killed, with and without its files', async () => {
    const stream = await makeStream();
    const followed = follow({ stream });
    await publish(`${stream}.a`, '1');
    await followed.until('a=1');
    await nats.restart('SIGKILL');
    await persistently(() => publish(`${stream}.a`, '2'));
    await followed.until('a=2');
    expect(followed.resets).toBe(0);
    await nats.restartEmpty();
    await persistently(() => makeStream({}, stream));
    await publish(`${stream}.a`, '3');
    await followed.until('a=3');
    expect(followed).toMatchObject({ seen: ['a=1', 'a=2', 'a=3'], resets: 1 });
  });
});

describe('a machine that fails before all was written to its disk', () => {
  it('loses the end of a stream, and a follower goes on with what comes in its place', async () => {
    const stream = await makeStream();
    const followed = follow({ stream });
    await publish(`${stream}.a`, '1');
    await followed.until('a=1');
    const [files, kept] = ['jetstream', 'kept'].map((name) => join(nats.folder, name));
    await nats.stop();
    cpSync(files, kept, { recursive: true });
    await nats.start();
    for (const text of ['2', '3', '4']) await persistently(() => publish(`${stream}.a`, text));
    await followed.until('a=4');
    await nats.stop('SIGKILL');
    rmSync(files, { recursive: true });
    renameSync(kept, files);
    await nats.start();
    await persistently(() => publish(`${stream}.a`, 'in the place of 2'));
    await followed.until('a=in the place of 2');
    expect(followed.resets).toBe(1);
    expect(followed.seen.slice(4)).toEqual(['a=1', 'a=in the place of 2']);
  });
});

describe('a follower of a stream whose messages have a time to live', () => {
  /** Follows a stream, and is away from NATS for two seconds, in which a message ends. */
  async function comeBack(staleAfterMs: number): Promise<Followed> {
    const stream = await makeStream();
    const followed = follow({ stream, staleAfterMs });
    await publish(`${stream}.a`, '1');
    await followed.until('a=1');
    await nats.stop();
    await sleep(2_000);
    expect(followed.follower.isCurrent).toBe(false);
    await nats.start();
    await persistently(() => publish(`${stream}.b`, '2'));
    await followed.until('b=2');
    await untilHolds(() => followed.follower.isCurrent);
    return followed;
  }

  it('begins anew where it has read nothing for so long that some may have gone unseen', async () => {
    expect(await comeBack(1_500)).toMatchObject({ seen: ['a=1', 'a=1', 'b=2'], resets: 1 });
  });

  it('goes on where it was away for less', async () => {
    expect(await comeBack(60_000)).toMatchObject({ seen: ['a=1', 'b=2'], resets: 0 });
  });

  it('begins anew where it was frozen for so long while it read', async () => {
    const stream = await makeStream();
    const followed = follow({ stream, staleAfterMs: 60_000 });
    await publish(`${stream}.a`, '1');
    await followed.until('a=1');
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now');
    const frozen = followed.until('a=2').then(() => clock.mockImplementation(() => now() + 61_000));
    await publish(`${stream}.a`, '2');
    await frozen;
    await persistently(() => publish(`${stream}.b`, '3'));
    await followed.until('b=3');
    clock.mockRestore();
    expect(followed).toMatchObject({ seen: ['a=1', 'a=2', 'a=1', 'a=2', 'b=3'], resets: 1 });
  });
});

describe('a server that may not make streams or consumers', () => {
  let accounts: NatsWithUsers;
  let connector: NatsConnection;
  let operator: NatsConnection;

  beforeAll(async () => {
    const read = ['T', 'KV_letters', 'KV_letters.>'].map((stream) => `$JS.API.DIRECT.GET.${stream}`);
    const allowed = ['$JS.API.INFO', '$JS.API.STREAM.INFO.>', ...read].map((subject) => `"${subject}"`);
    accounts = await NatsWithUsers.start({
      connector: `{ publish: { allow: [${allowed.join(', ')}] }, subscribe: { allow: ["_INBOX.connector.>", "T.>"] } }`,
      operator: '{}',
    });
    connector = await connect({
      servers: accounts.addressFor('connector'),
      ...{ user: 'connector', pass: 'x', inboxPrefix: '_INBOX.connector' },
    });
    operator = await connect({ servers: accounts.addressFor('operator'), user: 'operator', pass: 'x' });
  });
  afterAll(async () => {
    await Promise.all([connector.close(), operator.close()]);
    await accounts.stop();
  });

  it('waits for a bucket until another server has made it, and reads it', async () => {
    const ensured = ensureBucket(connector, 'letters', { maxBytes: 2 ** 20 });
    await sleep(200);
    await (await ensureBucket(operator, 'letters', { maxBytes: 2 ** 20 })).put('a', '1');
    const bucket = await ensured;
    expect((await bucket.get('a'))?.string()).toBe('1');
  });

  it('learns at once that it may not write or read somewhere', async () => {
    const health = new NatsHealth(connector);
    const publisher = new AckedPublisher(connector, health);
    const reader = new DirectReader(connector, health);
    const calmMs = calmTime();
    const write = publisher.publish('U.a', '1').catch((error: unknown) => error);
    const batch = ['U.b', 'U.c'].map((subject) => ({ subject, payload: '1', expected: 0 }));
    const writes = publisher.publishAll(batch).catch((error: unknown) => error);
    const read = reader.readLast('U', 'U.a').catch((error: unknown) => error);
    const denied = [await write, await writes, await read];
    expect(denied).toEqual([NotStored, NotStored, NotRead].map((kind) => expect.any(kind)));
    expect(denied.map((error) => [(error as NotStored).kind, isUncertain(error)])).toEqual(
      denied.map(() => ['denied', false]),
    );
    // Without an answer, both wait for 2 s.
    expect(calmMs()).toBeLessThan(1_900);
    publisher.close();
    reader.close();
  });

  it('waits for a stream until another server has made it, and follows it', async () => {
    const config = { name: 'T', subjects: ['T.>'], allow_direct: true, max_bytes: 2 ** 20 };
    let isThere = false;
    const ensured = ensureStream(await jetstreamManager(connector, { checkAPI: false }), config).then(
      () => (isThere = true),
    );
    await sleep(200);
    expect(isThere).toBe(false);
    await ensureStream(await jetstreamManager(operator), config);
    await ensured;
    const { until } = follow({ stream: 'T' }, connector);
    operator.publish('T.a', '1');
    await until('a=1');
    operator.publish('T.a', '2');
    await until('a=2');
  });
});

function split(stream: string, message: string): [string, string] {
  const [subject = '', text = ''] = message.split('=');
  return [`${stream}.${subject}`, text];
}

/** JetStream starts a moment after NATS itself. */
async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch {
      await sleep(100);
    }
  }
}
