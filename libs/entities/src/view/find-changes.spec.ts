import { applyChange } from '@ccgame/client';
import { copyAsJson, findChanges } from './find-changes.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Numbers that look random, and are the same each time. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * sides);
  };
}

function randomJson(roll: (sides: number) => number, depth: number): Json {
  const kind = roll(depth > 0 ? 7 : 4);
  if (kind === 0) return roll(100) / 8;
  if (kind === 1) return ['', 'a', 'length', '0', 'ü"\\'][roll(5)];
  if (kind === 2) return roll(2) === 0;
  if (kind === 3) return null;
  if (kind === 4) return Array.from({ length: roll(4) }, () => randomJson(roll, depth - 1));
  return randomObject(roll, depth - 1);
}

function randomObject(roll: (sides: number) => number, depth: number): { [key: string]: Json } {
  const keys = ['a', 'b', 'length', '0', '1', 'state', 'ä "'].filter(() => roll(2) === 0);
  return Object.fromEntries(keys.map((key) => [key, randomJson(roll, depth)]));
}

describe('the changes of a view', () => {
  it('bring any view to any other one, and are none where nothing changed', () => {
    const roll = dice(7);
    for (let round = 0; round < 400; round += 1) {
      const [before, after] = [randomObject(roll, 3), randomObject(roll, 3)];
      const known = copyAsJson(before);
      const change = findChanges(known, after);
      expect(known).toEqual(after);
      const seen = change === undefined ? before : applyChange(before, JSON.parse(change) as never);
      expect(seen).toEqual(after);
      expect(findChanges(known, after)).toBeUndefined();
    }
  });

  it.each([
    ['a number', { x: 1, y: 2 }, { x: 1, y: 3 }, { y: 3 }],
    [
      'a part of an item',
      { discs: [{ x: 1 }, { x: 2, to: { x: 0 } }] },
      { discs: [{ x: 1 }, { x: 2, to: { x: 5 } }] },
      { discs: { 1: { to: { x: 5 } } } },
    ],
    ['a key that is gone, and a new null', { a: 1, b: 2 }, { b: null }, { b: [null], a: null }],
    ['a shorter list', { list: [1, 2, 3] }, { list: [1] }, { list: { length: 1 } }],
    ['a longer list', { list: [1] }, { list: [1, { x: 2 }] }, { list: { 1: [{ x: 2 }] } }],
    ['a list in the place of an object', { at: { x: 1 } }, { at: [1] }, { at: [[1]] }],
    [
      'what JSON leaves out or can’t hold',
      { a: 1, b: 1 },
      { a: undefined, b: Number.NaN },
      { a: null, b: [null] },
    ],
    ['a date', { at: 0 }, { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['the same date', { at: new Date(0) }, { at: new Date(0) }, {}],
    ['a date of no day', { at: new Date(0) }, { at: new Date(Number.NaN) }, { at: [null] }],
  ])('are short: %s', (_, before, after, change) => {
    const known = copyAsJson(before);
    expect(JSON.parse(findChanges(known, after) ?? '{}')).toEqual(change);
    expect(known).toEqual(JSON.parse(JSON.stringify(after)));
  });

  it.each([
    ['a new one', {}, { players: new Map([['ann', 1]]) }],
    ['one in the place of an object', { players: { ann: 1 } }, { players: new Map([['ann', 1]]) }],
    ['one in a new object', { teams: [] }, { teams: [{ players: new Map([['ann', 1]]) }] }],
  ])('refuse a Map, which would come as nothing: %s', (_, before, after) => {
    expect(() => findChanges(copyAsJson(before), after)).toThrow('a Map is no data');
  });

  it('leave the view before as it was, and share with it what is the same', () => {
    const before = { discs: [{ x: 1 }, { x: 2 }], gems: [1] };
    const after = applyChange(before, { discs: { 1: { x: 3 } } });
    expect(before).toEqual({ discs: [{ x: 1 }, { x: 2 }], gems: [1] });
    expect(after).toEqual({ discs: [{ x: 1 }, { x: 3 }], gems: [1] });
    expect(after.gems).toBe(before.gems);
    expect(after.discs[0]).toBe(before.discs[0]);
  });

  it('never touch a prototype', () => {
    const change = JSON.parse('{"__proto__":{"isAdmin":true},"a":{"__proto__":["x"]}}') as never;
    const after = applyChange({ a: { b: 1 } }, change);
    expect((after as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    expect(Object.getPrototypeOf(after.a)).toBe(Object.prototype);
  });
});
