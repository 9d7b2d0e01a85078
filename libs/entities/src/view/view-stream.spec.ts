import { type ViewPush, ViewStream } from './view-stream.js';

const dataOf = (push: ViewPush | undefined): unknown => push && JSON.parse(push[1]);

describe('a stream of a view', () => {
  it('gives the whole view to those who follow before the first tick, and to all with it', () => {
    const stream = new ViewStream('play.fog.a', 2);
    const first = stream.pushOfStart(() => ({ x: 1 }));
    expect(first[0]).toBe('room.state');
    expect(dataOf(first)).toMatchObject({ room: 'play.fog.a', n: 0, state: { x: 1 } });
    expect(dataOf(stream.pushOfStart(() => ({ x: 2 })))).toMatchObject({ n: 0, state: { x: 1 } });
    // Above the number before: those who have that one take this one.
    expect(dataOf(stream.pushOfTick({ x: 3 }))).toMatchObject({ n: 1, state: { x: 3 } });
    expect(dataOf(stream.pushOfTick({ x: 4 }))).toMatchObject({ n: 2, change: { x: 4 } });
    expect(dataOf(stream.pushOfStart(() => ({ x: 9 })))).toMatchObject({ n: 2, state: { x: 4 } });
  });

  it('tells its number again after some ticks without a change', () => {
    const stream = new ViewStream('play.fog.a', 2);
    expect(dataOf(stream.pushOfTick({ x: 1 }))).toMatchObject({ n: 0, state: { x: 1 } });
    expect(stream.pushOfTick({ x: 1 })).toBeUndefined();
    const [route, json] = stream.pushOfTick({ x: 1 }) ?? [];
    expect([route, JSON.parse(json ?? '')]).toEqual([
      'room.change',
      { room: 'play.fog.a', stream: expect.any(String), n: 0 },
    ]);
  });
});
