import { Rooms } from './rooms.js';

const view = (id: string) => ({
  route: 'room.state',
  data: { room: `dice.table.${id}`, stream: 'x', n: 1, state: { id } },
});

describe('two parts of a page that look at one room', () => {
  let asked: object[];
  let rooms: Rooms;

  beforeEach(() => {
    asked = [];
    rooms = new Rooms((_, data) => {
      asked.push(data);
      return Promise.resolve();
    });
  });
  afterEach(() => rooms.stopAll());

  const ended = (): object[] => asked.filter((data) => 'follow' in data);

  it('go on seeing it when one of them is closed, and the servers are told by the last', () => {
    const [own, same] = [
      rooms.openRoom('dice.table', undefined, true),
      rooms.openRoom('dice.table', 'a', true),
    ];
    rooms.receivePush(view('a'));
    expect([own.state, same.state]).toEqual([{ id: 'a' }, { id: 'a' }]);
    own.close();
    expect(ended()).toEqual([]);
    same.close();
    expect(ended()).toEqual([{ roomId: 'a', follow: false }]);
  });

  it('also where the other one has not seen it yet', () => {
    const first = rooms.openRoom('dice.table', 'a', true);
    rooms.receivePush(view('a'));
    const later = rooms.openRoom('dice.table', 'a', true);
    first.close();
    expect(ended()).toEqual([]);
    later.close();
    expect(ended()).toEqual([{ roomId: 'a', follow: false }]);
  });

  it('and the servers stop sending one that is closed before it has come', () => {
    rooms.openRoom('dice.table', undefined, true).close();
    expect(ended()).toEqual([{ roomId: undefined, follow: false }]);
  });

  it('and two rooms end apart from each other', () => {
    const [one, other] = [rooms.openRoom('dice.table', 'a', true), rooms.openRoom('dice.table', 'b', true)];
    for (const id of ['a', 'b']) rooms.receivePush(view(id));
    one.close();
    expect(ended()).toEqual([{ roomId: 'a', follow: false }]);
    other.close();
    expect(ended()).toEqual([
      { roomId: 'a', follow: false },
      { roomId: 'b', follow: false },
    ]);
  });
});
