import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { firstTable } from '@ccgame/releases';
import { ccgameCommand } from './ccgame.js';
import { explainProblem } from './dev/problem.js';
import { typedFallback } from './release/change-fallback.js';

function silence(command: Command): Command {
  for (const one of command.commands) silence(one);
  return command.exitOverride().configureOutput({ writeErr: () => {} });
}

/** The sentence of a command that doesn't come to acting. */
async function refusalOf(args: string[]): Promise<string> {
  const program = silence(await ccgameCommand(args));
  return program.parseAsync(args, { from: 'user' }).then(
    () => 'it was taken',
    (error: unknown) => explainProblem(error),
  );
}

describe('wrong input of a command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-input-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['players find a.b', 'A player id is 1 to 128 letters'],
    ['players message anna --reason r --text hi --route session.end', 'not "session.…"'],
    ['sessions --channel EU', 'Expected a lower-case word of at most 63'],
    ['release status --channel EU', 'Expected a lower-case word of at most 63'],
    ['robots --url nowhere', 'An address looks like https://play.example.com.'],
    ['robots --game . --url http://127.0.0.1:9 --players 1 --seconds 1', '. has no src/robot.ts'],
    ['observe --port 99999', 'A port is a whole number from 0 to 65535.'],
    ['start --port 99999', 'A port is a whole number from 0 to 65535.'],
    ['start --port 0x10', 'A port is a whole number from 0 to 65535.'],
    ['start --servers connector=60000', 'Expected counts from 1 to 100'],
    ['start --servers connector=0x3', 'Expected counts from 1 to 100'],
    ['start --servers connector=2=3', 'Expected counts from 1 to 100'],
    ['start --servers connector=2,connector=3', 'each type once'],
    ['dev --inspect matching=9300,http=9300', 'a port of its own'],
    ['robots --seconds 1000000000', 'Expected a whole number from 1 to 604800.'],
    ['robots --players 1e3', 'Expected a whole number from 1 to 100000.'],
    ['release canary 1.0.0001 --weight 0x32', 'A weight is 0 to 100 percent, in steps of 0.01.'],
    ['release canary 1.0.0001 --weight 0.004', 'A weight is 0 to 100 percent, in steps of 0.01.'],
    ['release deploy 1.0.0001 --patience 1e999', 'Expected a number of seconds, up to 604800.'],
    ['asyncapi --api-version 1.0', 'A version looks like 1.0.0000.'],
    [`asyncapi --out ${folder}`, `${folder}: it is a folder.`],
    [`secrets new --out ${folder}/nowhere/file`, `${folder}/nowhere/file: there is no such file or folder.`],
  ])('is told in a sentence: %s', async (line, sentence) => {
    expect(await refusalOf(line.split(' '))).toContain(sentence);
  });

  it('is told of a fallback with a version that is not there, and of the end of one that is none', () => {
    const table = firstTable('production', '1.0.0000', ['1.0.0001']);
    expect(() => typedFallback('dice', '1.0.0009', '1.0.0000')(table)).toThrow('1.0.0009 is unknown');
    expect(() => typedFallback('dice', '1.0.0001', undefined)(table)).toThrow('no fallback for dice');
    const set = typedFallback('dice', '1.0.0001', '1.0.0000')(table);
    expect(set.fallbacks).toEqual({ dice: { '1.0.0001': '1.0.0000' } });
    expect(typedFallback('dice', '1.0.0001', undefined)(set).fallbacks).toEqual({ dice: {} });
  });
});
