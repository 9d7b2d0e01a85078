import { assertData } from './assert-data.js';

class Money {
  constructor(private readonly amount: unknown) {}

  toJSON(): unknown {
    return this.amount;
  }
}

class Self {
  readonly x = 1;

  toJSON(): this {
    return this;
  }
}

function OldManner(this: { x: number }): void {
  this.x = 1;
}
OldManner.prototype.move = () => 2;
const OldClass = OldManner as unknown as new () => object;

describe('a value that is to be sent', () => {
  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a class', Money],
    ['a symbol', Symbol('x')],
    ['a Map that a toJSON gives', new Money(new Map([[1, 2]]))],
    ['a Map in what a toJSON gives', new Money({ list: [new Map()] })],
    ['bytes that a toJSON gives', new Money(Buffer.from('x'))],
    ['a function that a toJSON gives', new Money(() => 1)],
    // JSON asks what a toJSON gave for no other, and a Date has no field.
    ['a Date that a toJSON gives', new Money(new Date(0))],
    ['a Map that an own toJSON gives', { toJSON: () => new Map([[1, 2]]) }],
    ['an own method of an object', { x: 1, move: () => 2 }],
    [
      'an arrow of a class',
      new (class {
        move = (): number => 2;
      })(),
    ],
    ['bytes', Buffer.from('x')],
    ['an ArrayBuffer', new ArrayBuffer(1)],
  ])('is refused where it is, or holds, %s', (_, value) => {
    expect(() => assertData(value)).toThrow(/^a \w+ is no data/);
    expect(() => assertData({ list: [1, { inside: value }] })).toThrow(/^a \w+ is no data/);
  });

  it.each<[string, unknown]>([
    ['what a toJSON gives', new Money({ amount: 5, at: new Date(0), none: undefined })],
    ['text that a toJSON gives', new Money('5 EUR')],
    ['nothing that a toJSON gives', new Money(undefined)],
    ['itself, as its toJSON gives', new Self()],
    ['what an own toJSON gives', { toJSON: () => ({ x: 1 }), x: 2 }],
    ['a class in the old manner', new OldClass()],
    ['a URL', new URL('http://127.0.0.1/')],
    ['an empty place', { a: null, b: undefined, list: [undefined, null] }],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { x: 1 })],
  ])('is data where it is, or holds, %s', (_, value) => {
    expect(() => assertData(value)).not.toThrow();
    expect(() => assertData({ list: [1, { inside: value }] })).not.toThrow();
  });
});
