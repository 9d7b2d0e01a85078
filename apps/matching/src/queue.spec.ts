import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { matchesStream } from '#contracts';
import { ensureStream, type NatsHealth } from '#rpc';
import type { PushService } from '#sessions';
import { type NatsServer, startNats } from '#testing';
import { Queue } from './queue.js';

describe('the queue', () => {
  let server: NatsServer;
  let nats: NatsConnection;
  let queue: Queue;
  let told: string[];

  beforeAll(async () => {
    server = await startNats();
    nats = await connect({ servers: server.address });
  });

  afterAll(async () => {
    await nats.close();
    await server.stop();
  });

  beforeEach(async () => {
    await ensureStream(await jetstreamManager(nats), matchesStream);
    told = [];
    const push = { toPlayers: (players: string[]) => Promise.resolve(void told.push(...players)) };
    queue = new Queue(nats, {} as NatsHealth, push as unknown as PushService);
  });

  it('gives a player who joins again the ticket that he has', async () => {
    const first = await queue.join('anna', 'duel');
    expect(await queue.join('anna', 'duel')).toEqual(first);
    expect(queue.size).toBe(1);
  });

  it('tells both players of a match once', async () => {
    await queue.join('anna', 'duel');
    await queue.join('ben', 'duel');
    expect(told).toEqual(['anna', 'ben']);
    expect(queue.size).toBe(0);
  });

  it('keeps the waiting ticket when a match could not be recorded', async () => {
    const anna = await queue.join('anna', 'duel');
    const manager = await jetstreamManager(nats);
    await manager.streams.delete(matchesStream.name);
    await expect(queue.join('ben', 'duel')).rejects.toThrow();
    expect(told).toEqual([]);
    expect(queue.takeAll()).toEqual([{ ...anna, playerId: 'anna' }]);
  });

  it('counts the older of two tickets of a player, as when one moved here', async () => {
    const { ticketId } = await queue.join('anna', 'duel');
    queue.keep({ ticketId: 'moved', mode: 'duel', waitingSinceMs: 1, playerId: 'anna' });
    expect(queue.takeAll().map((one) => one.ticketId)).toEqual(['moved']);
    expect(ticketId).not.toBe('moved');
  });

  it('takes a player who leaves out of every mode', async () => {
    await queue.join('anna', 'duel');
    await queue.join('anna', 'other');
    expect(queue.leave('anna')).toBe(true);
    expect(queue.leave('anna')).toBe(false);
    expect(queue.size).toBe(0);
  });
});
