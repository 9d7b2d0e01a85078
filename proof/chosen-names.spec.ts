import { beginsWith, chosenNames, isSame } from './chosen-names.js';

const names = ['matching SIGKILL', 'matching SIGSTOP', 'nats'];

describe('the names that --only chooses', () => {
  it('are those that a word means', () => {
    expect(chosenNames(names, ['nats', 'matching'], beginsWith)).toEqual(names);
    expect(chosenNames(names, ['nats'], isSame)).toEqual(['nats']);
    expect(chosenNames(names, [''], beginsWith)).toEqual(names);
  });

  it.each([
    ['another word', 'mathcing', beginsWith],
    ['the beginning of one, where all of it is asked for', 'matching', isSame],
    ['nothing, where a name is asked for', '', isSame],
  ])('are refused for %s, also beside one that is known', (_, word, means) => {
    expect(() => chosenNames(names, ['nats', word], means)).toThrow(
      `There is no "${word}" here, only: matching SIGKILL, matching SIGSTOP, nats`,
    );
  });
});
