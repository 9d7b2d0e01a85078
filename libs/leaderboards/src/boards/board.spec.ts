import { type BoardOptions, checkBoards } from './board.js';

describe('a board that is declared wrongly', () => {
  const good: BoardOptions = { name: 'duel', kind: 'sum' };
  const daily = { cron: '0 0 * * *', timeZone: 'Etc/UTC' };

  it.each<[string, Partial<BoardOptions>, string]>([
    ['a name that is no token', { name: 'a.b' }, 'letters, digits'],
    ['a topic that is no token', { topic: '>' }, 'topic'],
    ['an unknown kind', { kind: 'worst' as 'best' }, 'kind'],
    ['an unknown order', { order: 'random' as 'highest' }, 'order'],
    ['too many decimals', { decimals: 9 }, 'decimals'],
    ['no number of days', { keepDays: Number.NaN }, 'days'],
    ['a cron expression that is none', { reset: { ...daily, cron: 'daily' } }, 'daily'],
    ['a reset every second', { reset: { ...daily, cron: '* * * * * *' } }, "can't be reset"],
    ['a day that never comes', { reset: { ...daily, cron: '0 0 30 2 *' } }, 'never comes'],
    ['a time zone that is none', { reset: { ...daily, timeZone: 'Mars/Olympus' } }, 'Mars/Olympus'],
  ])('is refused at the start: %s', (_, wrong, text) => {
    expect(() => checkBoards([{ ...good, ...wrong }])).toThrow(text);
  });

  it('is refused at the start: a name that is declared twice', () => {
    expect(() => checkBoards([good, good])).toThrow('declared twice');
  });
});
