import { lastWords } from './last-words.js';
import { ServerProcess } from './server-process.js';

describe('what is shown of the log of a server that ended', () => {
  const trace = Array.from(
    { length: 15 },
    (_, at) => `    at step${at} (file:///game/dist/shared.js:1:${at})`,
  );

  it('begins with the error that ended it, whose reason stands above a long trace', () => {
    const head =
      "UnknownDependenciesException [Error]: Nest can't resolve dependencies of the SubmitBefore (?).";
    const log = [
      'TypeError: an earlier one',
      '[12:00:00] INFO: server.starting',
      head,
      '',
      'Potential solutions:',
      ...trace,
    ];
    const words = lastWords(`${log.join('\n')}\n`).split('\n');
    expect(words[0]).toBe(head);
    expect(words).toHaveLength(12);
  });

  it('begins with the word of V8 about a full memory, above its own trace', () => {
    const head = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
    const frames = Array.from({ length: 25 }, (_, at) => ` ${at}: 0x${at} node::Abort() [node]`);
    const log = ['<--- Last few GCs --->', head, '----- Native stack trace -----', ...frames];
    expect(lastWords(log.join('\n')).split('\n')[0]).toBe(head);
  });

  it('is the end where an error stands far above, which did not end it', () => {
    const lines = ['TypeError: an earlier one', ...Array.from({ length: 40 }, (_, at) => `line ${at}`)];
    expect(lastWords(lines.join('\n'))).toBe(lines.slice(-12).join('\n'));
  });

  it('is the end where that has the error, or where there is none', () => {
    const lines = Array.from({ length: 20 }, (_, at) => `line ${at}`);
    expect(lastWords(lines.join('\n'))).toBe(lines.slice(-12).join('\n'));
    const short = [...lines, 'Error: The modes can’t be played:', 'cards: maxParty is more than a team of 1'];
    expect(lastWords(short.join('\n'))).toBe(short.slice(-12).join('\n'));
  });

  it('is nothing where somebody deleted the log: it is asked when a process has just ended', () => {
    const options = { serverId: 'http-0', entry: '', env: {}, healthPort: 0, logFile: '/nowhere/http-0.log' };
    expect(new ServerProcess(options).lastWords()).toBe('');
  });
});
