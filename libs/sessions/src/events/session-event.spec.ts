import { eventsBetween } from './session-event.js';
import type { SeenSession } from '../claims/seen-session.js';

const connected: SeenSession = {
  session: 's1',
  version: '1.0.0000',
  socket: 'a',
  isConnected: true,
  isOver: false,
};
const away: SeenSession = { ...connected, isConnected: false, why: 'transport close' };
const over: SeenSession = { ...away, why: 'BANNED', isOver: true };
const other: SeenSession = { ...connected, session: 's2', socket: 'c' };

describe('what happened to a session between two looks', () => {
  it.each([
    ['nothing', undefined, undefined, []],
    ['opened', undefined, connected, ['opened']],
    ['opened and lost', undefined, away, ['opened', 'away transport close']],
    ['over before anybody looked', undefined, over, []],
    ['only renewed', connected, connected, []],
    ['moved to another socket', connected, { ...connected, socket: 'b' }, ['resumed']],
    ['lost', connected, away, ['away transport close']],
    ['changed while away', away, away, []],
    ['back', away, { ...connected, socket: 'b' }, ['back']],
    ['closed for good', connected, over, ['closed BANNED']],
    ['run out', away, undefined, ['closed expired']],
    ['replaced', connected, other, ['closed replaced', 'opened']],
    [
      'replaced while away, and lost',
      away,
      { ...other, isConnected: false, why: 'x' },
      ['closed replaced', 'opened', 'away x'],
    ],
    ['begun anew after a ban', over, other, ['opened']],
  ] as const)('%s', (_, before, now, told) => {
    const events = eventsBetween('anna', before, now);
    expect(events.map(({ kind, why }) => [kind, why].filter(Boolean).join(' '))).toEqual(told);
  });
});
