import type { INestApplicationContext } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { StoredRecords } from '@ccgame/jetstream';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
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
  const isProbed = async (): Promise<boolean> => {
    const filter = { subjects_filter: '$KV.guests.$probe' };
    const { state } = await (await jetstreamManager(operator)).streams.info('KV_guests', filter);
    return Object.keys(state.subjects ?? {}).length > 0;
  };
  const untilStored = async (count: number): Promise<void> => {
    await untilHolds(async () => (await countStored()) === count, { seen: countStored });
  };

  it.each([NaN, 0, -1, 1.5, Infinity, 1e12])('is not forgotten after %s seconds', (forgottenAfterSeconds) => {
    const make = (): unknown =>
      new GuestAccounts(operator, server.get(NatsHealth), server.get(StoredRecords), {
        forgottenAfterSeconds,
      });
    expect(make).toThrow(/forgottenAfterSeconds is a whole number/);
  });

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

  it('whose second login asks a replica of NATS that is behind is the same', async () => {
    const records = server.get(StoredRecords);
    let behind = 0;
    const lagging: Pick<StoredRecords, 'readRecord'> = {
      readRecord: async (stream, subject) =>
        behind-- > 0 ? { seq: 0 } : records.readRecord(stream, subject),
    };
    const options = { forgottenAfterSeconds: 60 };
    const others = new GuestAccounts(operator, server.get(NatsHealth), lagging as StoredRecords, options);
    const id = await guests.playerOf('device-lag');
    behind = 5;
    expect(await others.playerOf('device-lag')).toBe(id);
    others.onApplicationShutdown();
  });

  it('who is forgotten in the moment of the second login is another one, and stays that', async () => {
    const records = server.get(StoredRecords);
    const manager = await jetstreamManager(operator);
    let isForgotten = false;
    const forgetting: Pick<StoredRecords, 'readRecord'> = {
      readRecord: async (stream, subject) => {
        const read = await records.readRecord(stream, subject);
        if (!isForgotten) await manager.streams.purge(stream, { filter: subject });
        isForgotten = true;
        return read;
      },
    };
    const options = { forgottenAfterSeconds: 60 };
    const late = new GuestAccounts(operator, server.get(NatsHealth), forgetting as StoredRecords, options);
    const first = await guests.playerOf('device-late');
    const second = await late.playerOf('device-late');
    expect(second).not.toBe(first);
    expect(await guests.playerOf('device-late')).toBe(second);
    late.onApplicationShutdown();
  });

  it('new to a full bucket is refused; known ones log in, and the server stays ready', async () => {
    const manager = await jetstreamManager(operator);
    const known = await guests.playerOf('device-known');
    expect(await guests.playerOf('device-known')).toBe(known);
    // The probe replaces itself in a full bucket. The first of all, by the first server, comes 4 s after the bucket at the latest.
    await untilHolds(isProbed);
    const { config, state } = await manager.streams.info('KV_guests');
    await manager.streams.update('KV_guests', { ...config, max_bytes: state.bytes + 1 });
    await expect(guests.playerOf('device-too-many')).rejects.toThrow(/maximum bytes exceeded/);
    expect(await guests.playerOf('device-known')).toBe(known);
    const probes = async () => (await manager.streams.info('KV_guests')).state.last_seq;
    for (const before = await probes(); (await probes()) < before + 2;)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.get(NatsHealth).storage.missing()).toEqual([]);
    await manager.streams.update('KV_guests', config);
    expect(await guests.playerOf('device-too-many')).toMatch(/^p/);
  });

  it.each(['', 'a b', '*', '{}', 'x'.repeat(1_000)])(
    'whose record is no player’s id (%j) is another one from then on, and others stay who they are',
    async (text) => {
      const device = `device-overwritten-by-${text.length}-${text.slice(0, 3)}`;
      const [own, other] = [await guests.playerOf(device), await guests.playerOf(`${device}-other`)];
      const key = createHash('sha256').update(device).digest('hex');
      const js = jetstream(operator);
      const subject = `$KV.guests.${key}`;
      const { seq = 0 } =
        (await (
          await jetstreamManager(operator)
        ).streams.getMessage('KV_guests', { last_by_subj: subject })) ?? {};
      await js.publish(subject, text, { expect: { lastSubjectSequence: seq } });
      const next = await guests.playerOf(device);
      expect(next).toMatch(/^p[0-9a-f]{20}$/);
      expect(next).not.toBe(own);
      expect([await guests.playerOf(device), await guests.playerOf(`${device}-other`)]).toEqual([
        next,
        other,
      ]);
    },
  );
});
