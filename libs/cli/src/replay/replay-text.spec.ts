import { replayText } from './replay-rooms.js';

const head = { entity: 'table', id: 'a', version: '1.0.0000', at: Date.UTC(2026, 10, 28, 15, 2, 11, 20) };

describe('the text of a replay', () => {
  it('has a line a recording, and how the first other one differs', () => {
    const difference = { tick: 42, what: 'the state', changes: ['discs[0].x: 311.5 instead of 310'] };
    const played = [
      { head, ticks: 60, inputs: 3 },
      { head, ticks: 42, inputs: 2, difference },
    ];
    expect(replayText(played, 'a', '.').split('\n')).toEqual([
      'table a of 1.0.0000, since 2026-11-28T15:02:11.020Z: the very same in . (60 ticks, 3 inputs)',
      'table a of 1.0.0000, since 2026-11-28T15:02:11.020Z: other from tick 42 on, the state:',
      '  discs[0].x: 311.5 instead of 310',
    ]);
  });
});
