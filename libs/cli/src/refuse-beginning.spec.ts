import { Command } from 'commander';
import { refuseBeginning } from './refuse-beginning.js';

const release = new Command('release');
for (const name of ['deploy', 'restore', 'retire', 'rollback']) release.addCommand(new Command(name));
const program = new Command('ccgame').addCommand(release).addCommand(new Command('robots'));

describe('the beginning of a command', () => {
  it.each([
    [['release', 'dep'], /unknown command 'dep'\n\(Did you mean deploy\?\)/],
    [['release', 're'], /Did you mean restore or retire\?/],
    [['ro', '--players', '3'], /Did you mean robots\?/],
  ])('is told what it may mean: %j', (args, sentence) => {
    expect(() => refuseBeginning(program, args)).toThrow(sentence);
  });

  it.each([
    [['release', 'deploy', 'dep']],
    [['release', '--help']],
    [[]],
    [['release', 'xyz']],
    [['help', 'release']],
  ])('is left to the usual check elsewhere: %j', (args) => {
    expect(() => refuseBeginning(program, args)).not.toThrow();
  });
});
