import type { INestApplicationContext } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { StoredRecords } from '@ccgame/jetstream';
import { type NatsServer, startNats } from '@ccgame/testing';
import { openProcess } from '../../../sessions/test/process.js';
import { GUEST_OPTIONS } from '../accounts-options.js';
import { GuestAccounts } from './guest-accounts.js';

describe('a guest', () => {
  let nats: NatsServer;
  let operator: NatsConnection;
  let server: INestApplicationContext;
  let guests: GuestAccounts;

  beforeAll(async () => {
    nats = await startNats();
    operator = await connect({ servers: nats.address });
    const options = { provide: GUEST_OPTIONS, useValue: { forgottenAfterSeconds: 1 } };
    server = await openProcess('http-0', nats.address, [StoredRecords, GuestAccounts, options]);
    guests = server.get(GuestAccounts);
  });
  afterAll(async () => {
    await server.close();
    await operator.close();
    await nats.destroy();
  });

  const countStored = async (): Promise<number> => {
    const filter = { subjects_filter: '$KV.guests.>' };
    const { state } = await (await jetstreamManager(operator)).streams.info('KV_guests', filter);
    return Object.keys(state.subjects ?? {}).filter((subject) => !subject.endsWith('$probe')).length;
  };
  const untilStored = async (count: number): Promise<void> => {
    while ((await countStored()) !== count) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  it('who came once is forgotten; one whose device logs in again is kept for good', async () => {
    const kept = await guests.playerOf('device-that-comes-back');
    expect(await guests.playerOf('device-that-comes-back')).toBe(kept);
    const made = Array.from({ length: 50 }, (_, index) => guests.playerOf(`device-made-up-${index}`));
    const [first] = await Promise.all(made);
    await untilStored(1);
    expect(await guests.playerOf('device-that-comes-back')).toBe(kept);
    expect(await guests.playerOf('device-made-up-0')).not.toBe(first);
  });

  it('is one, however many first logins come at once, and is kept by the next', async () => {
    const storm = Array.from({ length: 20 }, () => guests.playerOf('device-storm'));
    const [id, ...others] = await Promise.all(storm);
    expect(new Set([id, ...others]).size).toBe(1);
    const again = Array.from({ length: 20 }, () => guests.playerOf('device-storm'));
    expect(new Set(await Promise.all(again))).toEqual(new Set([id]));
    await guests.playerOf('device-that-goes');
    await untilStored(2);
    expect(await guests.playerOf('device-storm')).toBe(id);
  });
});
