import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { AckedPublisher } from '../writing/acked-publisher.js';
import { NotStored } from '../writing/not-stored.js';
import { DirectReader } from './direct-reader.js';
import { StreamFollower } from './follow-stream.js';

interface Message {
  subject: string;
  payload: string;
}

describe('a follower of a stream that its process writes', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let publisher: AckedPublisher;
  let follower: StreamFollower;
  let stream: string;
  let counter = 0;
  let seen: string[];
  /** Direct reads of the stream, by anybody. */
  let reads: number;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    publisher = new AckedPublisher(connection, new NatsHealth(connection));
  });
  beforeEach(async () => {
    stream = `S${counter++}`;
    const { streams } = await jetstreamManager(connection);
    const options = { allow_direct: true, allow_atomic: true, max_msgs_per_subject: 1 };
    await streams.add({ name: stream, subjects: [`${stream}.>`], ...options });
    [seen, reads] = [[], 0];
    connection.subscribe(`$JS.API.DIRECT.GET.${stream}`, { callback: () => void (reads += 1) });
    follower = new StreamFollower(connection, new NatsHealth(connection), {
      stream,
      onMessage: ({ seq, subject, data }) =>
        seen.push(`${seq} ${subject.slice(stream.length + 1)} ${Buffer.from(data).toString()}`),
    });
    await follower.caughtUp;
  });
  afterEach(() => follower.close());
  afterAll(async () => {
    publisher.close();
    await connection.close();
    await nats.destroy();
  });

  const messagesOf = (name: string, count: number): Message[] =>
    Array.from({ length: count }, (_, index) => ({
      subject: `${stream}.${name}-${index}`,
      payload: String(index),
    }));
  const store = async (messages: readonly Message[]): Promise<number> =>
    (await publisher.publishAll(messages.map((message) => ({ ...message, expected: 0 })))).seq;
  const write = (messages: readonly Message[]): Promise<number> =>
    follower.deliverOwn(messages, () => store(messages));

  async function stored(): Promise<string[]> {
    const reader = new DirectReader(connection, new NatsHealth(connection));
    const all: string[] = [];
    await reader.readAll(stream, `${stream}.>`, (message) =>
      all.push(`${message.seq} ${message.subject.slice(stream.length + 1)} ${message.text()}`),
    );
    reader.close();
    return all;
  }

  it('has what was written as soon as that is stored, and reads none of it', async () => {
    const before = reads;
    for (let batch = 0; batch < 20; batch += 1) {
      const first = await write(messagesOf(`b${batch}`, 10));
      expect(seen).toHaveLength(first + 9);
    }
    await connection.flush();
    // It may look whether there is more, as at all times.
    expect(reads - before).toBeLessThan(10);
    expect(seen).toEqual(await stored());
  });

  it('has everything once and in the order of the stream, though others write at the same time', async () => {
    const writes: Promise<unknown>[] = [];
    for (let round = 0; round < 150; round += 1) {
      writes.push(write(messagesOf(`own${round}`, 5)), store(messagesOf(`other${round}`, 1 + (round % 3))));
      if (round % 4 === 0) await Promise.all(writes.splice(0));
    }
    await Promise.all(writes);
    const all = await stored();
    await untilHolds(() => seen.length >= all.length);
    expect(seen).toEqual(all);
  });

  it('finds what was stored where the writer did not hear of it', async () => {
    const messages = messagesOf('unsure', 3);
    const failing = follower.deliverOwn(messages, async () => {
      await store(messages);
      throw new NotStored('unknown', 'No ack came in time');
    });
    await expect(failing).rejects.toThrow('No ack');
    await untilHolds(() => seen.length === 3);
  });

  it('has nothing of a write that was refused, and hears the next one of somebody else', async () => {
    await write(messagesOf('same', 2));
    await expect(write(messagesOf('same', 2))).rejects.toThrow('wrong last sequence');
    await store([{ subject: `${stream}.other`, payload: 'x' }]);
    await untilHolds(() => seen.length === 3);
    expect(seen).toEqual(await stored());
  });
});
