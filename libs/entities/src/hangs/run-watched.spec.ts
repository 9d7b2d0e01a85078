import { sharedMemory } from '../../../server/src/watchdog/work-note.js';
import { Alarm, Handles, markOf, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { RoomOf } from '../live/entity-of.js';
import { LiveEntity } from '../live/live-entity.js';
import type { StoredInput } from '../live/records.js';
import { HeldEntity } from '../memory/held-entity.js';
import { RoomViews } from '../view/room-views.js';

const vault = entity({ serverType: 'play', name: 'vault', partitions: 1 });
const look = vault.serverHandler('look', { result: Object });
const close = vault.serverHandler('close', {});
/** Players ask by it. */
export const ask = vault.viewHandler();

/** The notes that a watchdog would have seen, wherever the room's code ran. */
let seen: string[] = [];
function see(): void {
  const [length] = new Int32Array(sharedMemory, 4, 1);
  seen.push(Buffer.from(sharedMemory, 16, length).toString().split(' ').slice(2).join(' '));
}

/** As JSON it runs code of its own. */
class Coin {
  toJSON(): string {
    see();
    return 'coin';
  }
}

@Room(vault, { tickHz: 20 })
class Vault extends RoomOf<{ coin: Coin }> {
  create(): { coin: Coin } {
    return { coin: new Coin() };
  }

  @Handles(look)
  look(): object {
    return { coin: this.state.coin };
  }

  @Handles(close)
  close(): void {
    this.setAlarm('ring', 0);
  }

  @Alarm()
  ring(): void {
    see();
  }

  override join(): void {
    see();
  }

  override view(): object {
    return { coin: this.state.coin };
  }

  tick(): void {}
}

describe('the note of what runs, for a server that hangs', () => {
  let live: LiveEntity;
  let held: HeldEntity;
  const seenIn = (work: () => unknown): string[] => {
    seen = [];
    work();
    return [...new Set(seen)];
  };
  const apply = (input: Partial<StoredInput>): unknown =>
    live.apply({ n: live.n + 1, h: '', at: 0, ...input });

  beforeEach(() => {
    const kind = { mark: markOf(Vault), construct: () => Promise.resolve(new Vault()) };
    held = new HeldEntity('vault.a', 'a', kind, new Vault(), '1.0.0000', { seq: 0 }, () => undefined);
    ({ live } = held);
    apply({ b: 'create', seed: 1, birth: 'b1' });
    live.instance.state = { coin: new Coin() };
  });

  it('has the method of a handler or an alarm, and the name of a hook', () => {
    expect(seenIn(() => apply({ b: 'join', d: 'ann' }))).toEqual(['join']);
    apply({ h: 'close' });
    expect(seenIn(() => apply({ b: 'alarm', h: 'ring' }))).toEqual(['ring']);
  });

  it('is there as well where JSON of an answer, a state or a view runs code', () => {
    expect(seenIn(() => apply({ h: 'look' }))).toEqual(['look']);
    expect(seenIn(() => live.snapshot())).toEqual(['state']);
    const topics = { startFollowing: () => undefined, pushToTopic: () => undefined };
    const views = new RoomViews(topics as never);
    expect(seenIn(() => views.addFollower(held, 'ann'))).toEqual(['view']);
    expect(seenIn(() => views.pushTick(held))).toEqual(['view']);
  });

  it('ends with the work', () => {
    apply({ h: 'look' });
    seenIn(see);
    expect(seen).toEqual(['']);
  });
});
