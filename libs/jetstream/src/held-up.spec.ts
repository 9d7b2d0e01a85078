import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { isAnswered, NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats } from '@ccgame/testing';
import { AckedPublisher } from './writing/acked-publisher.js';
import { DirectReader } from './reading/direct-reader.js';

/** Longer than any of them is patient. */
const heldUpMs = 2_600;

describe('a process that was held up itself', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let publisher: AckedPublisher;
  let reader: DirectReader;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    const health = new NatsHealth(connection);
    publisher = new AckedPublisher(connection, health);
    reader = new DirectReader(connection, health);
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'NOTES', subjects: ['notes.*'], allow_direct: true });
    await publisher.publish('notes.first', 'first');
  });
  afterAll(async () => {
    publisher.close();
    reader.close();
    await connection.close();
    await nats.destroy();
  });

  it('gives storage and others the time that it lost', async () => {
    connection.subscribe('someone', { callback: (_, message) => void message.respond() });
    const stored = publisher.publish('notes.second', 'second');
    const read = reader.readLast('NOTES', 'notes.first');
    const isThere = isAnswered(connection, 'someone', 1_500);
    holdUp();
    expect((await stored).seq).toBe(2);
    expect((await read)?.seq).toBe(1);
    expect(await isThere).toBe(true);
  });

  it('knows all the same, in the stated time, that NATS hangs', async () => {
    nats.pause();
    const since = performance.now();
    const answers = await Promise.allSettled([
      publisher.publish('notes.third', 'third'),
      reader.readLast('NOTES', 'notes.first'),
      isAnswered(connection, 'someone', 1_500),
    ]);
    const tookMs = performance.now() - since;
    nats.resume();
    expect(answers).toMatchObject([
      { reason: { kind: 'unknown' } },
      { reason: { kind: 'away' } },
      { value: false },
    ]);
    // 2 s and a round, and on a busy machine the grace.
    expect(tookMs).toBeGreaterThan(1_900);
    expect(tookMs).toBeLessThan(9_000);
  });
});

/** Holds the process up, as a debugger or a pod without CPU does; a long computation would take its core from the other tests. */
function holdUp(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, heldUpMs);
}
