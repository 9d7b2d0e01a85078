import { testRoom } from '@ccgame/entities';
import { type ArenaView, steer, watch } from './arena-contracts.js';
import { ArenaRoom } from './arena-room.js';
import { field, radiusOf } from './rules.js';

describe('an arena', () => {
  const open = (players: string[]): ReturnType<typeof testRoom<ArenaRoom>> => {
    const room = testRoom(ArenaRoom, { seed: 7, init: { players } });
    for (const player of players) room.join(player);
    return room;
  };
  const see = (room: ReturnType<typeof open>): ArenaView => room.call(watch, {}, 'ann');

  it('has four discs, and bots gather gems where players are missing', () => {
    const room = open(['ann']);
    room.advance(10_000);
    const { discs, gems } = see(room);
    expect(discs.map(({ id, isBot }) => [id, isBot])).toEqual([
      ['ann', false],
      ['bot-2', true],
      ['bot-3', true],
      ['bot-4', true],
    ]);
    expect(gems.length).toBeGreaterThan(0);
    expect(discs.slice(1).reduce((sum, { score }) => sum + score, 0)).toBeGreaterThan(3);
  });

  it('drives a disc where its player steers, until a wall', () => {
    const room = open(['ann', 'bob']);
    const answer = room.call(steer, { x: -1, y: 0 }, 'ann');
    expect(answer).toEqual({ tick: 0, inputs: 1 });
    room.advance(5_000);
    const [disc] = see(room).discs;
    expect(disc?.x).toBeCloseTo(radiusOf(disc));
    expect(() => room.call(steer, { x: 1, y: 0 }, 'eve')).toThrow(
      expect.objectContaining({ code: 'NOT_BOUND' }) as Error,
    );
    expect(() => room.call(steer, { roomId: 'test', x: 1, y: 0 }, 'eve')).toThrow(
      expect.objectContaining({ code: 'NOT_ADMITTED' }) as Error,
    );
  });

  it('lets a bot drive for a player who has left', () => {
    const room = open(['ann', 'bob']);
    room.leave('bob');
    expect(see(room).discs[1]).toMatchObject({ id: 'bob', isBot: true });
  });

  it('goes on as it was on another server, and says who gathered how much at its end', () => {
    const [moved, stayed] = [open(['ann', 'bob']), open(['ann', 'bob'])];
    for (const room of [moved, stayed]) room.advance(4_000);
    moved.moveToAnotherServer();
    for (const room of [moved, stayed]) room.advance(field.roundMs);
    const overs = [moved, stayed].map(({ pushes }) => pushes.filter(({ route }) => route === 'arena.over'));
    expect(overs[0]).toEqual(overs[1]);
    expect(overs[0]).toEqual([
      expect.objectContaining({ to: ['ann', 'bob'], data: expect.objectContaining({ phase: 'over' }) }),
    ]);
  });
});
