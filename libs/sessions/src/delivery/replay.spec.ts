import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { DirectReader } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats } from '@ccgame/testing';
import { openPushStream, pushRange } from '../push/push-stream.js';
import { freshMarkId, logSubject, storedHeader } from '../push/subjects.js';
import { replay, type Replay } from './replay.js';

describe('a replay of a log that several NATS servers keep', () => {
  let server: NatsServer;
  let nats: NatsConnection;
  let reader: DirectReader;
  let start: number;

  beforeAll(async () => {
    server = await startNats();
    nats = await connect({ servers: server.address });
    reader = new DirectReader(nats, new NatsHealth(nats));
    const manager = await jetstreamManager(nats);
    await manager.streams.add({ name: 'OTHER', subjects: ['other'] });
    await openPushStream(nats);
    start = (await pushRange(nats)).last;
  });
  afterAll(async () => {
    reader.close();
    await nats.close();
    await server.destroy();
  });

  const ofStored = headers();
  ofStored.set(storedHeader, '1');
  const store = (playerId: string, id: number | string, text = String(id)): Promise<unknown> =>
    jetstream(nats).publish(logSubject(playerId, String(id)), text, { headers: ofStored });

  const replayOf = (playerId: string, mark: string): Promise<Replay> =>
    replay({ reader, range: () => pushRange(nats), mark: logSubject(freshMarkId, mark) }, playerId, start);

  it('takes no answer of a server that has not stored the mark yet', async () => {
    await store('anna', 1);
    await expect(replayOf('anna', 'not-there')).rejects.toMatchObject({ kind: 'away' });
    await expect(replayOf('nobody', 'not-there')).rejects.toMatchObject({ kind: 'away' });
  });

  it.each([0, 3, 1_500])('gives all %d pushes of a server that has it, and not the mark', async (count) => {
    const player = `p${count}`;
    await Promise.all(Array.from({ length: count }, (_, index) => store(player, index)));
    await store(freshMarkId, `mark-${count}`);
    const replayed = await replayOf(player, `mark-${count}`);
    const texts =
      'messages' in replayed && replayed.messages.map(({ data }) => new TextDecoder().decode(data));
    expect(texts).toHaveLength(count);
    expect(new Set(texts || [])).toEqual(new Set(Array.from({ length: count }, (_, index) => String(index))));
  });

  it('gives all pushes where they are more than NATS gives in one answer', async () => {
    const sizes = Array.from({ length: 50 }, (_, index) => 200_000 + index);
    for (const size of sizes) await store('large', size, 'x'.repeat(size));
    await store(freshMarkId, 'mark-large');
    const replayed = await replayOf('large', 'mark-large');
    expect('messages' in replayed && replayed.messages.map(({ data }) => data.length)).toEqual(sizes);
  });
});
