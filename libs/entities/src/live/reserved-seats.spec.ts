import { GridRoom } from '../../../../proof/entities/grid-room.js';
import { testRoom } from '../testing/test-entity.js';

const full = expect.objectContaining({ code: 'ROOM_FULL' }) as Error;

describe('seats that are kept for players', () => {
  const open = (...members: string[]) => {
    const room = testRoom(GridRoom);
    for (const member of members) room.join(member);
    return room;
  };

  it('are theirs for a time of the room, also on another server, and then anybody’s', () => {
    const room = open('ann', 'bob');
    room.reserveSeats(['cy', 'di'], 2_000);
    room.moveToAnotherServer();
    expect(() => room.join('eve')).toThrow(full);
    room.advance(1_500);
    room.join('cy');
    expect(() => room.join('eve')).toThrow(full);
    room.advance(1_000);
    room.join('eve');
    expect(room.members).toEqual(['ann', 'bob', 'cy', 'eve']);
    expect(() => room.join('di')).toThrow(full);
  });

  it('are kept for all of them or for none', () => {
    const room = open('ann', 'bob');
    expect(() => room.reserveSeats(['cy', 'di', 'eve'], 2_000)).toThrow(full);
    room.reserveSeats(['ann', 'cy', 'cy'], 2_000);
    expect(() => room.reserveSeats(['di', 'eve'], 2_000)).toThrow(full);
    room.join('eve');
    room.join('cy');
    expect(room.members).toEqual(['ann', 'bob', 'eve', 'cy']);
  });

  it('are kept on by asking again, and given back by 0 ms', () => {
    const room = open('ann', 'bob', 'cy');
    room.reserveSeats(['di'], 1_000);
    room.advance(900);
    room.reserveSeats(['di'], 1_000);
    room.advance(900);
    expect(() => room.join('eve')).toThrow(full);
    room.reserveSeats(['di'], 0);
    room.join('eve');
    expect(room.members).toEqual(['ann', 'bob', 'cy', 'eve']);
  });

  it('are lost with their player’s leave, and kept by a join that the room refuses', () => {
    const room = open('ann', 'bob', 'cy');
    room.reserveSeats(['di'], 1_000);
    room.instance.join = () => {
      throw new Error('not now');
    };
    expect(() => room.join('di')).toThrow();
    expect(() => room.join('eve')).toThrow(full);
    room.instance.join = () => undefined;
    room.join('di');
    room.leave('di');
    room.join('eve');
    expect(room.members).toEqual(['ann', 'bob', 'cy', 'eve']);
  });

  it('are given back where they ran out meanwhile, and others have taken them', () => {
    const room = open('ann', 'bob', 'cy');
    room.reserveSeats(['di'], 1_000);
    room.advance(1_100);
    room.join('eve');
    expect(() => room.reserveSeats(['di'], 0)).not.toThrow();
    expect(() => room.reserveSeats(['di'], 1)).toThrow(full);
  });
});
