import { untilHolds } from '@ccgame/testing';
import type { SeenSession } from '../claims/session-watch.js';
import { PlayerTeller, type SharedSessionEvent } from './player-teller.js';
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
  const open = (told: Told): PlayerTeller =>
    new PlayerTeller('anna', told, {
      handle: (event) => {
        handled.push(event);
        onHandled();
      },
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
});
