import { setImmediate as nextTurn } from 'node:timers/promises';
import { RpcError } from '@ccgame/rpc';
import { OrderedCalls } from './ordered-calls.js';

/** A room as a player's calls find it: it applies what comes after what it has had. */
class Room {
  readonly applied: string[] = [];
  readonly sent: string[] = [];
  readonly answers = new Map<string, () => void>();
  isAway = false;

  async call(id: string, after?: string): Promise<string> {
    this.sent.push(after === undefined ? id : `${id}>${after}`);
    if (this.isAway) throw new RpcError('GONE');
    if (after !== undefined && !this.applied.includes(after)) throw new RpcError('TOO_EARLY');
    if (id === 'bad') throw new RpcError('INVALID');
    this.applied.push(id);
    await new Promise<void>((resolve) => this.answers.set(id, resolve));
    return id;
  }
}

describe('calls of a player', () => {
  let room: Room;
  let calls: OrderedCalls;

  beforeEach(() => {
    room = new Room();
    calls = new OrderedCalls();
  });

  const send = (id: string, known: string | undefined = id): Promise<string> => {
    const sent = calls.callInOrder('board.steer', known, (after) => room.call(id, after));
    sent.catch(() => undefined);
    return sent;
  };

  it('don’t wait for each other’s answers where the handler knows their order', async () => {
    const all = ['1', '2', '3'].map((id) => send(id));
    expect(room.sent).toEqual(['1', '2>1', '3>2']);
    for (const answer of room.answers.values()) answer();
    expect(await Promise.all(all)).toEqual(['1', '2', '3']);
    void send('4');
    expect(room.sent.at(-1)).toBe('4');
  });

  it('wait where it doesn’t', async () => {
    const first = calls.callInOrder('board.aim', undefined, () => room.call('1'));
    void calls.callInOrder('board.aim', undefined, () => room.call('2'));
    await nextTurn();
    expect(room.sent).toEqual(['1']);
    room.answers.get('1')?.();
    await first;
    await nextTurn();
    expect(room.sent).toEqual(['1', '2']);
  });

  it('are done after the one before where that was refused, or is still on its way', async () => {
    const bad = send('bad');
    const good = send('2');
    void send('3');
    await expect(bad).rejects.toMatchObject({ code: 'INVALID' });
    await nextTurn();
    expect(room.applied).toEqual(['2']);
    room.answers.get('2')?.();
    await good;
    await nextTurn();
    expect(room.applied).toEqual(['2', '3']);
  });

  it('are never too many at once, however long they go on', async () => {
    const all = Array.from({ length: 40 }, (_, index) => send(String(index)));
    await nextTurn();
    expect(room.applied).toHaveLength(16);
    for (let turn = 0; turn < 40; turn += 1) {
      room.answers.get(String(turn))?.();
      await all[turn];
      await nextTurn();
      expect(room.applied).toHaveLength(Math.min(40, turn + 17));
    }
    expect(room.applied).toEqual(Array.from({ length: 40 }, (_, index) => String(index)));
  });
});
