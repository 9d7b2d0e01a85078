import { makeTokenKey, parseSigningKey } from '@ccgame/config';
import { tokenKeyCommand } from './token-key.js';

interface Printed {
  TOKEN_SIGNING_KEY: string;
  TOKEN_PUBLIC_KEYS: string;
}

function newTokenKey(args: string[]): Printed {
  const print = jest.spyOn(console, 'log').mockImplementation();
  const command = tokenKeyCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  try {
    command.parse([...args, '--json'], { from: 'user' });
    return JSON.parse(print.mock.calls.flat().join('\n')) as Printed;
  } finally {
    print.mockRestore();
  }
}

function publicKeys(...kids: string[]): string {
  return JSON.stringify({ keys: kids.map((kid) => makeTokenKey(kid).publicKey) });
}

describe('ccgame token-key', () => {
  it('puts the new key behind those in use', () => {
    const made = newTokenKey(['2026-12', '--beside', publicKeys('2026-11')]);
    const { keys } = JSON.parse(made.TOKEN_PUBLIC_KEYS) as { keys: Array<{ kid: string }> };
    expect(keys.map(({ kid }) => kid)).toEqual(['2026-11', '2026-12']);
    expect(parseSigningKey(made.TOKEN_SIGNING_KEY).kid).toBe('2026-12');
  });

  it.each([
    ['no JSON', 'keys', 'it is no JSON'],
    ['no set', '[]', 'it has no list "keys"'],
    ['a private key', `{"keys":[${makeTokenKey('old').signingKey}]}`, 'it holds a private key'],
    ['a key of that name', publicKeys('new'), 'two keys have one kid'],
    ['as many as servers take', publicKeys('a', 'b', 'c'), 'it has no list "keys" of 1 to 3'],
  ])('refuses what no server would take: beside %s', (_, beside, sentence) => {
    expect(() => newTokenKey(['new', '--beside', beside])).toThrow(`with the new one: ${sentence}.`);
  });

  it('refuses a name that no server would take', () => {
    expect(() => newTokenKey(['the new one'])).toThrow('1 to 64 letters, digits, _, - and dots');
  });
});
