import { Room, markOf } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { RoomOf } from '../live/entity-of.js';
import { HeldEntity } from '../memory/held-entity.js';
import { findRooms } from './find-rooms.js';

const table = entity({ serverType: 'play', name: 'table' });
let described = 0;

@Room(table, { tickHz: 1 })
class Table extends RoomOf {
  create(): object {
    return {};
  }
  override labels(): { isEven: boolean } {
    described += 1;
    return { isEven: Number(this.id.slice(1)) % 2 === 0 };
  }
  tick(): void {}
}

const kind = { mark: markOf(Table), construct: () => Promise.resolve(new Table()) };

function makeRoom(number: number): HeldEntity {
  const id = `r${String(number).padStart(4, '0')}`;
  const held = new HeldEntity(`table.${id}`, id, kind, new Table(), '1', { seq: 0 }, () => undefined);
  held.live.apply({ n: 1, h: '', b: 'create', at: 1, seed: 1, birth: 'b' });
  return held;
}

it('a page of rooms asks for the labels of no more rooms than it needs', () => {
  const rooms = Array.from({ length: 1_000 }, (_, number) => makeRoom(999 - number));
  const first = findRooms(rooms, { name: 'table', limit: 3, labels: { isEven: true } });
  expect(first).toMatchObject({ rooms: [{ id: 'r0000' }, { id: 'r0002' }, { id: 'r0004' }], next: 'r0004' });
  expect(described).toBe(7);
  const last = findRooms(rooms, { name: 'table', limit: 3, after: 'r0996' });
  expect(last.rooms.map(({ id }) => id)).toEqual(['r0997', 'r0998', 'r0999']);
  expect(last.next).toBeUndefined();
});
