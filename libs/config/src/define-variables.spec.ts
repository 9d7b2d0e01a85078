import { z } from 'zod';
import { ConfigError } from './config-error.js';
import { defineVariables } from './define-variables.js';
import { loadConfig } from './load.js';

describe('a game’s own variables', () => {
  const parsed = z.string().transform((text): unknown => JSON.parse(text));
  const asynchronous = z.string().refine(() => Promise.resolve(true));
  const Own = defineVariables({
    OWN_ITEMS: parsed.optional(),
    OWN_KEYS: { schema: parsed.optional(), isSecret: true },
    OWN_LATE: asynchronous.optional(),
  });

  it.each(['OWN_ITEMS', 'OWN_KEYS', 'OWN_LATE'])(
    'are named beside the others where their rule throws: %s',
    (name) => {
      const load = (): unknown => loadConfig({ [name]: '{"key":4f1c9e07', HTTP_PORT: '70000' }, 'http');
      const sentence = 'expected a value that its rule can read: the rule threw an error, not ';
      expect(load).toThrow(ConfigError);
      expect(load).toThrow(`${name}: ${sentence}`);
      expect(load).toThrow('HTTP_PORT: ');
    },
  );

  it('are not shown where they are secret, though what their rule throws quotes them', () => {
    process.env.OWN_KEYS = '{"key":4f1c9e07';
    try {
      const look = (): unknown => Own.OWN_KEYS;
      expect(look).toThrow(/OWN_KEYS: .*, not "\[hidden\]"$/);
      expect(look).not.toThrow('4f1c');
    } finally {
      delete process.env.OWN_KEYS;
    }
  });
});
