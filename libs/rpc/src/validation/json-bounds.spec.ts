import { inputBounds, isWithin } from './json-bounds.js';

const { depth, entries, items } = inputBounds;
const nested = (levels: number, wrap: (inside: unknown) => unknown): unknown =>
  Array.from({ length: levels }).reduce<unknown>((inside) => wrap(inside), 1);
const listOf = (length: number, item: () => unknown): unknown[] => Array.from({ length }, item);
const fields = (count: number): object =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, index]));

describe('what one input may hold', () => {
  it('is 32 levels, 2,048 fields and lists of 16,384', () => {
    expect(inputBounds).toEqual({ depth: 32, entries: 2_048, items: 16_384 });
  });

  it.each<[string, number, (size: number) => unknown]>([
    ['levels of objects', depth, (size) => nested(size, (inside) => ({ inside }))],
    ['levels of lists', depth, (size) => nested(size, (inside) => [inside])],
    ['levels below a field', depth, (size) => ({ first: 1, deep: nested(size - 1, (inside) => [inside]) })],
    ['fields', entries, fields],
    ['fields in two objects', entries, (size) => ({ one: fields(1_000), two: fields(size - 1_002) })],
    ['objects in a list', entries, (size) => listOf(size, () => ({}))],
    ['lists in a list', entries, (size) => listOf(size, () => [])],
    ['objects and their fields in a list', entries, (size) => [fields(size - 2), {}]],
    ['items of a list', items, (size) => listOf(size, () => 1)],
    ['items of a list inside', items, (size) => ({ list: listOf(size, () => 'a') })],
  ])('is so many %s and no more: %d', (_, most, inputOf) => {
    expect(isWithin(inputOf(most), inputBounds)).toBe(true);
    expect(isWithin(inputOf(most + 1), inputBounds)).toBe(false);
  });

  it.each([
    ['bytes', new Uint8Array(1)],
    ['a view', new DataView(new ArrayBuffer(1))],
    ['a buffer', new ArrayBuffer(1)],
  ])('is no %s', (_, binary) => {
    for (const input of [binary, [binary], { binary }]) expect(isWithin(input, inputBounds)).toBe(false);
  });

  it.each([undefined, null, 1, 'text', true])('is %s', (input) => {
    expect(isWithin(input, inputBounds)).toBe(true);
  });
});
