import { Logger } from '@nestjs/common';
import { RpcError } from '@ccgame/rpc';
import { hostileErrors, untilHolds } from '@ccgame/testing';
import type { SeenSession } from '../claims/seen-session.js';
import { PlayerTeller, type SharedSessionEvent, type SharedSessionHandler } from './player-teller.js';
import type { Told } from './told-sessions.js';

const connected: SeenSession = {
  session: 's1',
  version: '1.0.0000',
  socket: 'a',
  isConnected: true,
  isOver: false,
};
const away: SeenSession = { ...connected, isConnected: false, why: 'left' };
const over: SeenSession = { ...away, why: 'BANNED', isOver: true };

describe('what one server tells of a player', () => {
  let standing: Told;
  const handled: SharedSessionEvent[] = [];
  let onHandled: () => void;
  let reads: number;

  beforeEach(() => {
    standing = { revision: 0 };
    handled.length = reads = 0;
    onHandled = () => undefined;
  });

  function write(seen: SeenSession | undefined): Told {
    standing = { seen, revision: standing.revision + 1 };
    return standing;
  }
  const note: SharedSessionHandler = (event) => {
    handled.push(event);
    onHandled();
  };
  const open = (told: Told, handle = note): PlayerTeller =>
    new PlayerTeller('anna', told, {
      handle,
      readTold: () => {
        reads += 1;
        return Promise.resolve(standing);
      },
      writeTold: (_, { seen, revision }) =>
        Promise.resolve(revision === standing.revision ? write(seen) : undefined),
      takeTurn: (work) => work(),
      forget: () => undefined,
    });

  it('is nothing that another server told while this one was frozen', async () => {
    const teller = open(write(connected));
    write(away);
    write(over);
    teller.noteSeen(over);
    await untilHolds(() => reads > 0);
    await teller.stopTelling();
    expect(handled).toEqual([]);
  });

  it('goes on from what another server told while this one was frozen', async () => {
    const teller = open(write(connected));
    write(away);
    teller.noteSeen(over);
    await untilHolds(() => standing.seen?.isOver === true);
    await teller.stopTelling();
    expect(handled.map(({ id }) => id)).toEqual(['s1:2:closed']);
  });

  it('is told again under its id where another server told it at the same moment', async () => {
    const teller = open(write(connected));
    onHandled = () => write(away);
    teller.noteSeen(away);
    await untilHolds(() => handled.length > 0);
    await teller.stopTelling();
    expect(handled.map(({ id }) => id)).toEqual(['s1:1:away']);
  });

  describe('where the handler throws', () => {
    const another: SeenSession = { ...connected, session: 's2', socket: 'b' };
    let setAside: jest.SpyInstance;
    beforeEach(() => {
      jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
      setAside = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    });
    afterEach(() => {
      jest.useRealTimers();
      jest.restoreAllMocks();
    });

    it('the same for good, is set aside at once, and the next event is told', async () => {
      const teller = open(write(connected));
      onHandled = () => {
        if (handled.at(-1)?.kind === 'away') throw new RpcError('INVALID');
      };
      teller.noteSeen(away);
      await untilHolds(() => standing.seen?.isConnected === false);
      teller.noteSeen(over);
      await untilHolds(() => standing.seen?.isOver === true);
      await teller.stopTelling();
      expect(handled.map(({ kind }) => kind)).toEqual(['away', 'closed']);
      expect(setAside.mock.calls).toMatchObject([
        [{ event: 'work.set-aside', work: 'session-events', id: 's1:1:away', playerId: 'anna' }],
      ]);
    });

    it('always, is tried for an hour, set aside once, and the next event is told', async () => {
      jest.useFakeTimers();
      const teller = open(write(connected));
      onHandled = () => {
        if (handled.at(-1)?.kind === 'away') throw new Error('thrown by a game');
      };
      teller.noteSeen(away);
      await jest.advanceTimersByTimeAsync(3_500_000);
      expect([setAside.mock.calls.length, standing.seen]).toEqual([0, connected]);
      await jest.advanceTimersByTimeAsync(200_000);
      const tries = handled.length;
      expect(tries).toBeLessThan(140);
      expect(standing.seen).toEqual(away);
      await jest.advanceTimersByTimeAsync(3_600_000);
      expect([handled.length, setAside.mock.calls.length]).toEqual([tries, 1]);
      teller.noteSeen(over);
      await jest.advanceTimersByTimeAsync(0);
      expect(handled.at(-1)?.kind).toBe('closed');
      await teller.stopTelling();
    });

    it.each(hostileErrors)(
      '%s, is tried for an hour as any other, and the next event is told',
      async (_, make) => {
        jest.useFakeTimers();
        const teller = open(write(connected));
        onHandled = () => {
          if (handled.at(-1)?.kind === 'away') throw make();
        };
        teller.noteSeen(away);
        await jest.advanceTimersByTimeAsync(3_700_000);
        expect([standing.seen, setAside.mock.calls.length]).toEqual([away, 1]);
        teller.noteSeen(over);
        await jest.advanceTimersByTimeAsync(0);
        expect(handled.at(-1)?.kind).toBe('closed');
        await teller.stopTelling();
      },
    );

    it('never, as it does not end, it is waited for an hour, and the next event is told', async () => {
      jest.useFakeTimers();
      const teller = open(write(connected), (event) => {
        handled.push(event);
        return event.kind === 'away' ? new Promise(() => undefined) : undefined;
      });
      teller.noteSeen(away);
      await jest.advanceTimersByTimeAsync(3_590_000);
      expect([standing.seen, setAside.mock.calls.length]).toEqual([connected, 0]);
      await jest.advanceTimersByTimeAsync(20_000);
      expect([standing.seen, setAside.mock.calls.length]).toEqual([away, 1]);
      teller.noteSeen(over);
      await jest.advanceTimersByTimeAsync(0);
      await teller.stopTelling();
      expect(handled.map(({ kind }) => kind)).toEqual(['away', 'closed']);
    });

    it('at one of two events, the other one is told, and the first not again with it', async () => {
      const teller = open(write(connected));
      let failures = 2;
      onHandled = () => {
        if (handled.at(-1)?.kind === 'closed') throw new RpcError('FORBIDDEN');
        if ((failures -= 1) >= 0) throw new Error('thrown by a game');
      };
      teller.noteSeen(another);
      await untilHolds(() => standing.seen?.session === 's2');
      await teller.stopTelling();
      expect(handled.map(({ kind }) => kind)).toEqual(['closed', 'opened', 'opened', 'opened']);
      expect(setAside).toHaveBeenCalledTimes(1);
    });
  });
});
