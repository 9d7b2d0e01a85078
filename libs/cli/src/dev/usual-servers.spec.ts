import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usualServers } from './usual-servers.js';

describe('the usual number of servers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-servers-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function usualOf(manifest: object): Record<string, number> {
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    return usualServers(folder);
  }

  it('is what package.json says', () => {
    expect(usualOf({ ccgame: { servers: { connector: 2, dice: 3 } } })).toEqual({ connector: 2, dice: 3 });
    expect(usualOf({})).toEqual({});
    expect(usualOf({ ccgame: {} })).toEqual({});
  });

  it.each([0, -1, 1.5, '2x', null, 101, {}])('is refused where it is %p', (count) => {
    expect(() => usualOf({ ccgame: { servers: { connector: count } } })).toThrow(
      'ccgame.servers in package.json: Expected counts from 1 to 100, each type once, like connector=2.',
    );
  });
});
