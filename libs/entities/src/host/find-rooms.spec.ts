import { Logger } from '@nestjs/common';
import { Room, markOf } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { RoomOf } from '../live/entity-of.js';
import { HeldEntity } from '../memory/held-entity.js';
import type { FoundRooms } from './find-rooms.contract.js';
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

const poster = entity({ serverType: 'play', name: 'poster' });
let text = '';

@Room(poster, { tickHz: 1 })
class Poster extends RoomOf {
  create(): object {
    return {};
  }
  override labels(): { text: string } {
    return { text };
  }
  tick(): void {}
}

it('a page of rooms whose labels are large fits into an answer, and one whose labels are larger is left out and told of', () => {
  const posters = Array.from({ length: 101 }, (_, number) => {
    const id = `${number}`.padStart(128, 'p');
    const described = { mark: markOf(Poster), construct: () => Promise.resolve(new Poster()) };
    const held = new HeldEntity(
      `poster.${id}`,
      id,
      described,
      new Poster(),
      '1',
      { seq: 0 },
      () => undefined,
    );
    held.live.apply({ n: 1, h: '', b: 'create', at: 1, seed: 1, birth: 'b' });
    return held;
  });
  const find = (): FoundRooms => findRooms(posters, { name: 'poster', limit: 100 });
  text = '好'.repeat(670);
  expect(find().rooms).toHaveLength(100);
  expect(Buffer.byteLength(JSON.stringify(find()))).toBeLessThan(512 * 1024);
  text = '好'.repeat(700);
  const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  expect(find()).toEqual({ rooms: [] });
  expect(error).toHaveBeenCalledWith(
    expect.objectContaining({ event: 'room.labels-failed', entity: 'poster' }),
  );
  error.mockRestore();
});

function makeRoom(number: number, digits = 4, of = kind): HeldEntity {
  const id = `r${String(number).padStart(digits, '0')}`;
  const held = new HeldEntity(`table.${id}`, id, of, new Table(), '1', { seq: 0 }, () => undefined);
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

it('a page of rooms with seats asks no full room for its labels', () => {
  const single = { ...kind, mark: { ...markOf(Table), capacity: 1 } };
  const rooms = Array.from({ length: 1_000 }, (_, number) => makeRoom(number, 4, single));
  const full = rooms.slice(0, 990);
  for (const { live } of full) live.apply({ n: 2, h: '', b: 'join', d: 'anna', at: 2, seed: 1 });
  described = 0;
  const found = findRooms(rooms, { name: 'table', limit: 5, hasSeats: true });
  expect(found.rooms.map(({ id }) => id)).toEqual(['r0990', 'r0991', 'r0992', 'r0993', 'r0994']);
  expect(described).toBe(6);
});

it('a page of ten thousand rooms asks for the labels of no more than it needs, and gives each room once', () => {
  const rooms = Array.from({ length: 10_000 }, (_, number) => makeRoom((number * 7_919) % 10_000, 5));
  described = 0;
  const found: string[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const page = findRooms(rooms, { name: 'table', limit: 100, after });
    found.push(...page.rooms.map(({ id }) => id));
    after = page.next;
  }
  expect(found).toHaveLength(10_000);
  expect([found[0], found[9_999], new Set(found).size]).toEqual(['r00000', 'r09999', 10_000]);
  expect(described).toBeLessThanOrEqual(10_100);
});
