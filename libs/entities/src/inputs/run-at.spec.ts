import { callOf, PartitionOwners } from '../../test/partition-owner.js';
import { Alarm, Entity, Handles, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { EntityOf, RoomOf } from '../live/entity-of.js';
import { testEntity, testRoom } from '../testing/test-entity.js';

const well = entity({ serverType: 'play', name: 'well', partitions: 1 });
const dig = well.serverHandler('dig', { result: Number });
const look = well.clientHandler('look', { result: Number, id: 'wellId' as never, input: 'query' });
const stir = well.serverHandler('stir', { result: Number, input: 'volatile' });

/** Tells what time it is, and lets players in a second after it was dug. */
@Entity(well, { createOnCall: true })
class Well extends EntityOf<{ dugAt: number; settledAt?: number }> {
  create(): { dugAt: number } {
    return { dugAt: this.now };
  }
  override admits(): boolean {
    return this.now >= this.state.dugAt + 1_000;
  }
  @Handles(dig)
  dig(): number {
    return (this.state.dugAt = this.now);
  }
  @Handles(look)
  look(): number {
    return this.now;
  }
  @Handles(stir)
  stir(): number {
    this.setAlarm('settle', 100);
    return this.now;
  }
  @Alarm()
  settle(): void {
    this.state.settledAt = this.now;
  }
}

const clock = entity({ serverType: 'play', name: 'clock' });
const read = clock.serverHandler('read', { result: Number, input: 'query' });

@Room(clock, { tickHz: 10 })
class Clock extends RoomOf<object> {
  create(): object {
    return {};
  }
  @Handles(read)
  read(): number {
    return this.now;
  }
  tick(): void {}
}

describe('the time of a call that nobody plays again is that of the call, and not of the stored input before it:', () => {
  it('on a server', async () => {
    const owners = await PartitionOwners.start();
    let now = 10_000;
    try {
      const owner = await owners.own({ classes: [Well], key: 'p0', now: () => now });
      const ask = (method: string, rest: object): Promise<unknown> =>
        owner.receive(callOf('well', 'w', method, undefined, rest));
      expect(await ask('dig', {})).toBe(10_000);
      now = 10_500;
      expect(await ask('look', { input: 'query' })).toBe(10_500);
      const asPlayer = { input: 'query', asked: 'by-id', p: 'ann' };
      await expect(ask('look', asPlayer)).rejects.toMatchObject({ code: 'NOT_ADMITTED' });
      now = 11_000;
      expect(await ask('look', asPlayer)).toBe(11_000);
      now = 12_000;
      expect(await ask('stir', { input: 'volatile' })).toBe(12_000);
      // The clock of NATS, as it is known here, may go back a little: a successor has the stored inputs alone.
      now = 11_990;
      expect(await ask('dig', {})).toBe(11_990);
    } finally {
      await owners.stop();
    }
  });

  it('in a test, where an alarm of a volatile one comes when it is due', () => {
    const one = testEntity(Well, { startsAt: 10_000 });
    one.advance(999);
    const lookAs = (): number => one.call(look, { wellId: 'w' } as never, 'ann');
    expect(lookAs).toThrow(expect.objectContaining({ code: 'NOT_ADMITTED' }));
    one.advance(1);
    expect(lookAs()).toBe(11_000);
    one.advance(1_000);
    expect(one.call(stir, undefined)).toBe(12_000);
    one.advance(99);
    expect(one.state.settledAt).toBeUndefined();
    one.advance(1);
    expect(one.state.settledAt).toBe(12_100);
    expect(one.call(dig, undefined)).toBe(12_100);
  });

  it('but of a room that of its tick', () => {
    const room = testRoom(Clock, { startsAt: 10_000 });
    room.advance(250);
    expect(room.call(read, undefined)).toBe(10_200);
  });
});
