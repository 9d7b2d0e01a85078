import type { PlayerSession } from '../gateway/player-session.js';
import { DrainSessions } from './drain-sessions.js';

interface Fake {
  asked: number;
  closed: string[];
  isOver: boolean;
  inFlight: number;
}

/** Clients with the SDK go elsewhere when they are asked to. */
class FakeSessions {
  readonly all: PlayerSession[] = [];

  get size(): number {
    return this.all.length;
  }

  listSessions(): IterableIterator<PlayerSession> {
    return this.all.values();
  }

  add(isSdk: boolean): Fake {
    const leave = (): void => void this.all.splice(this.all.indexOf(session), 1);
    const fake = {
      handshake: { isSdk },
      inFlight: 0,
      isOver: false,
      asked: 0,
      closed: [] as string[],
      askToMove: () => {
        fake.asked += 1;
        setImmediate(leave);
      },
      close: (code: string) => {
        fake.closed.push(code);
        fake.isOver = true;
        leave();
      },
    };
    const session = fake as unknown as PlayerSession;
    this.all.push(session);
    return fake;
  }
}

describe('a drain', () => {
  const never = (): number => performance.now() + 3_000 + 60_000;

  it.each([true, false])(
    'moves a player whose handshake was under way when it began (SDK: %s)',
    async (isSdk) => {
      const sessions = new FakeSessions();
      const slots = { underWay: 1 };
      const early = sessions.add(isSdk);
      const done = new DrainSessions(sessions as never, slots as never).drainAll(never());
      let late: Fake | undefined;
      setTimeout(() => {
        late = sessions.add(isSdk);
        slots.underWay = 0;
      }, 400);
      await done;
      const moved = isSdk ? { asked: 1, closed: [] } : { asked: 0, closed: ['DRAINING'] };
      expect(early).toMatchObject(moved);
      expect(late).toMatchObject(moved);
    },
  );

  it('closes a plain client when it waits for no answer, and whoever is left at the end', async () => {
    const sessions = new FakeSessions();
    const busy = sessions.add(false);
    busy.inFlight = 1;
    const stuck = sessions.add(false);
    stuck.inFlight = 1;
    const done = new DrainSessions(sessions as never, { underWay: 0 } as never).drainAll(
      performance.now() + 3_000 + 600,
    );
    setTimeout(() => (busy.inFlight = 0), 100);
    setTimeout(() => expect([busy, stuck]).toMatchObject([{ isOver: true }, { isOver: false }]), 400);
    await done;
    expect([busy, stuck]).toMatchObject([{ closed: ['DRAINING'] }, { closed: ['DRAINING'] }]);
  });

  it('gives everybody the whole time where the machine’s clock is set forward meanwhile', async () => {
    const sessions = new FakeSessions();
    const busy = sessions.add(false);
    busy.inFlight = 1;
    const done = new DrainSessions(sessions as never, { underWay: 0 } as never).drainAll(never());
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 600_000);
    const isClosedEarly = new Promise<boolean>((resolve) => setTimeout(() => resolve(busy.isOver), 300));
    setTimeout(() => (busy.inFlight = 0), 400);
    expect(await isClosedEarly).toBe(false);
    await done;
    clock.mockRestore();
    expect(busy.closed).toEqual(['DRAINING']);
  });
});
