import { RpcError } from '@ccgame/rpc';
import { HeardCalls, mostSources } from './heard-calls.js';

const settledForMs = 15_000;

describe('the calls that an entity has had of others', () => {
  it('are known by the number of the last one, with how it was answered, also after a move', () => {
    const heard = new HeardCalls();
    heard.noteCall({ from: 'play.match.m1', number: 7 }, 0, 'NO_SPACE');
    const moved = new HeardCalls(JSON.parse(JSON.stringify(heard.toRecord())) as never);
    expect(moved.find({ from: 'play.match.m1', number: 8 })).toBeUndefined();
    expect(moved.find({ from: 'play.match.m1', number: 7 })).toEqual({ code: 'NO_SPACE' });
    expect(moved.find({ from: 'play.match.m1', number: 6 })).toEqual({});
    expect(moved.find({ from: 'play.match.m2', number: 7 })).toBeUndefined();
  });

  it('are forgotten 15 s after their sender has settled them, unless another one came', () => {
    const heard = new HeardCalls();
    const [settled, open] = [
      { from: 'a', number: 1 },
      { from: 'b', number: 1 },
    ];
    heard.noteCall(settled, 0);
    heard.noteCall(open, 0);
    heard.settleCall(settled, 0);
    heard.settleCall({ ...open, number: 0 }, 0);
    heard.noteCall({ from: 'c', number: 1 }, settledForMs - 1);
    expect(heard.find(settled)).toBeDefined();
    heard.noteCall({ from: 'c', number: 2 }, settledForMs + 1);
    expect(heard.find(settled)).toBeUndefined();
    expect(heard.find(open)).toBeDefined();
    heard.noteCall({ from: 'c', number: 3 }, 8 * 86_400_000);
    expect(heard.find(open)).toBeUndefined();
  });

  it('take so much memory and no more: another sender waits until one is forgotten', () => {
    const heard = new HeardCalls();
    for (let index = 0; index < mostSources; index += 1) heard.noteCall({ from: `m${index}`, number: 1 }, 0);
    expect(() => heard.assertRoomFor({ from: 'other', number: 1 }, 10)).toThrow(RpcError);
    expect(() => heard.assertRoomFor({ from: 'm0', number: 2 }, 10)).not.toThrow();
    heard.settleCall({ from: 'm0', number: 1 }, 10);
    expect(() => heard.assertRoomFor({ from: 'other', number: 1 }, 10 + 2 * settledForMs)).not.toThrow();
  });
});
