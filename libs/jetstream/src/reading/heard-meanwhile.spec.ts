import { jetstreamManager, type StreamAPI } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { DirectReader, NotRead } from './direct-reader.js';
import { StreamFollower } from './follow-stream.js';
import { StreamCursor } from './stream-cursor.js';

describe('a follower that hears, while it waits for NATS,', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let streams: StreamAPI;
  let follower: StreamFollower;
  const seen: string[] = [];

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    ({ streams } = await jetstreamManager(connection));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await follower.close();
    seen.length = 0;
  });
  afterAll(async () => {
    await connection.close();
    await nats.destroy();
  });

  const makeStream = (name: string) => streams.add({ name, subjects: [`${name}.>`], allow_direct: true });

  function follow(stream: string, health = new NatsHealth(connection)): StreamFollower {
    const onMessage = ({ subject }: { subject: string }): void => void seen.push(subject);
    follower = new StreamFollower(connection, health, { stream, onMessage });
    return follower;
  }

  it('that its stream was deleted, reads the one that was made anew at once', async () => {
    await makeStream('ANEW');
    await connection.request('ANEW.a', '');
    await follow('ANEW').caughtUp;
    const request = connection.request.bind(connection);
    let isAnew = false;
    jest.spyOn(connection, 'request').mockImplementation(async (subject, ...of) => {
      const answer = await request(subject, ...of);
      if (subject !== '$JS.API.STREAM.INFO.ANEW' || isAnew) return answer;
      isAnew = true;
      const heard = connection.subscribe('$JS.EVENT.ADVISORY.STREAM.DELETED.ANEW', { max: 1 });
      await streams.delete('ANEW');
      for await (const _ of heard);
      await new Promise(setImmediate);
      await makeStream('ANEW');
      await connection.request('ANEW.new', '');
      return answer;
    });
    // It looks its stream up again.
    jest.spyOn(DirectReader.prototype, 'readMessages').mockRejectedValueOnce(new NotRead('away'));
    await connection.request('ANEW.b', '');
    // It would look it up by itself in 4 s at the soonest.
    await untilHolds(() => seen.includes('ANEW.new'), { timeoutMs: 3_500 });
  });

  it('that the connection broke, is not current before it has read again', async () => {
    await makeStream('BROKEN');
    const health = new NatsHealth(connection);
    const onChange = jest.spyOn(health, 'onChange');
    const { readAll } = StreamCursor.prototype;
    const isCurrent: boolean[] = [];
    const reads = jest.spyOn(StreamCursor.prototype, 'readAll').mockImplementation(async function (
      this: StreamCursor,
    ) {
      isCurrent.push(follower.isCurrent);
      await readAll.call(this);
      if (isCurrent.length === 1) for (const [tell] of onChange.mock.calls) tell(true);
    });
    follow('BROKEN', health);
    await untilHolds(() => follower.isCurrent);
    expect(reads).toHaveBeenCalledTimes(2);
    expect(isCurrent).toEqual([false, false]);
  });
});
