import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection, PublishOptions } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { DirectReader } from './reading/direct-reader.js';
import { AckedPublisher } from './writing/acked-publisher.js';

/** As a NATS server does that leaves with what it has in hand. */
type Loss = 'nothing' | 'the message' | 'the answer';

describe('what a NATS server loses as it leaves', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let publisher: AckedPublisher;
  let reader: DirectReader;
  let sent: string[];

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    const health = new NatsHealth(connection);
    publisher = new AckedPublisher(connection, health);
    reader = new DirectReader(connection, health);
    const { streams } = await jetstreamManager(connection);
    await streams.add({ name: 'NOTES', subjects: ['notes.>'], allow_direct: true, allow_atomic: true });
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    publisher.close();
    reader.close();
    await connection.close();
    await nats.destroy();
  });

  /** Loses that of the first message that asks for an answer. */
  function lose(loss: Loss): void {
    const publish = connection.publish.bind(connection);
    let isLost = loss === 'nothing';
    sent = [];
    jest.spyOn(connection, 'publish').mockImplementation((subject, payload, options?: PublishOptions) => {
      if (options?.reply) sent.push(subject);
      if (isLost || !options?.reply) return publish(subject, payload, options);
      isLost = true;
      if (loss === 'the answer') publish(subject, payload, { ...options, reply: 'nobody.hears' });
    });
  }

  const textsOf = async (subject: string): Promise<string[]> => {
    const texts: string[] = [];
    await reader.readAll('NOTES', subject, (message) => texts.push(message.text()));
    return texts;
  };

  it('is sent again where it expects what stands there, and is stored', async () => {
    lose('the message');
    await publisher.publishAll([{ subject: 'notes.a', payload: 'one', expected: 0 }]);
    expect(sent).toEqual(['notes.a', 'notes.a']);
    expect(await textsOf('notes.a')).toEqual(['one']);
  });

  it('is sent again as a whole, where it is one of a batch', async () => {
    const batch = ['notes.b.1', 'notes.b.2', 'notes.b.3'].map((subject) => ({
      subject,
      payload: 'x',
      expected: 0,
    }));
    lose('the message');
    const { seq } = await publisher.publishAll(batch);
    expect(await textsOf('notes.b.*')).toEqual(['x', 'x', 'x']);
    expect((await reader.readLast('NOTES', 'notes.b.1'))?.seq).toBe(seq);
  });

  it('is not known to be stored, where only the answer was lost, long before the patience is over; it stands there once', async () => {
    lose('the answer');
    const writing = publisher.publishAll([{ subject: 'notes.c', payload: 'one', expected: 0 }]);
    await expect(writing).rejects.toMatchObject({
      kind: 'unknown',
      message: expect.stringContaining('repeat'),
    });
    expect(sent).toEqual(['notes.c', 'notes.c']);
    expect(await textsOf('notes.c')).toEqual(['one']);
  });

  it('is not sent again where it could be stored twice', async () => {
    lose('the answer');
    await expect(publisher.publish('notes.d', 'one')).rejects.toMatchObject({ kind: 'unknown' });
    expect(sent).toEqual(['notes.d']);
  });

  it('is sent again where it may be stored twice', async () => {
    lose('the answer');
    const { seq } = await publisher.publishAll([{ subject: 'notes.h', payload: 'one', mayBeTwice: true }]);
    expect(sent).toEqual(['notes.h', 'notes.h']);
    expect((await reader.readLast('NOTES', 'notes.h'))?.seq).toBe(seq);
  });

  it.each<[string, () => Promise<string[]>]>([
    ['one message', async () => [(await reader.readLast('NOTES', 'notes.e.1'))?.text() ?? '']],
    ['a batch', () => textsOf('notes.e.*')],
  ])('is asked for again: %s', async (_, read) => {
    await publisher.publishAll([{ subject: 'notes.e.1', payload: 'e' }]);
    const before = await read();
    lose('the message');
    expect(await read()).toEqual(before);
    expect(sent).toHaveLength(2);
  });

  it('comes once where NATS was late and answers both', async () => {
    await publisher.publish('notes.f.1', 'one');
    lose('nothing');
    nats.pause();
    const writing = publisher.publishAll([{ subject: 'notes.g', payload: 'one', expected: 0 }]);
    const reading = textsOf('notes.f.*');
    await untilHolds(() => sent.length === 4);
    nats.resume();
    expect((await writing).seq).toBeGreaterThan(0);
    expect(await reading).toEqual(['one']);
    expect(await textsOf('notes.g')).toEqual(['one']);
  });
});
