import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { ReleaseStore, type StoredRelease } from '#releases';
import { Backend, type CommandResult } from '../src/demo/backend.js';
import { releaseDemo } from '../src/demo/release-demo.js';

describe('ccgame release', () => {
  it('takes 40 robots that play through canary, rollback, promotion and retirement, and they miss nothing', async () => {
    const lines: string[] = [];
    const tell = (line: string): unknown => lines.push(line);
    const account = await releaseDemo({ root: process.cwd(), robots: 40, playMs: 1200, tell });
    expect({ faults: account.faults(), problems: [...account.problems] }).toEqual({
      faults: { failed: 0, lost: 0, duplicated: 0, gaps: 0, dropped: 0 },
      problems: [],
    });
    expect(account.requests).toBeGreaterThan(500);
    expect(account.tickets).toBeGreaterThan(100);
    // There, back, there, back, there: on a busy machine a robot may be called back before it went.
    expect(account.moves).toBeGreaterThanOrEqual(2 * 40);
    expect(lines.join('\n')).toMatch(/1\.0\.0000 +retired +none/);
  }, 300_000);

  describe('refuses in a sentence, and changes nothing:', () => {
    let backend: Backend;
    let nats: NatsConnection;
    let store: ReleaseStore;
    beforeAll(async () => {
      backend = await Backend.start(process.cwd(), '1.0.0000', 1);
      nats = await connect({ servers: backend.dev.natsAddress });
      store = await ReleaseStore.open(nats);
    }, 120_000);
    afterAll(async () => {
      await nats?.close();
      await backend?.stop();
    });

    const release = (command: string): Promise<CommandResult> =>
      backend.ccgame(['release', ...command.split(' ')]);

    async function current(): Promise<StoredRelease | undefined> {
      return store.read('dev');
    }

    it.each([
      ['promote 9.9.9999', /9\.9\.9999 is unknown; the versions are 1\.0\.0000/],
      ['promote 1.0', /A version looks like 1\.0\.0000/],
      ['promote 1.0.0000', /is the stable version already/],
      ['canary 9.9.9999 --weight 10', /9\.9\.9999 is unknown/],
      ['canary 1.0.0000 --weight 10', /is the stable version; it can't be its own canary/],
      ['canary 1.0.0001 --weight 101', /A weight is 0 to 100 percent/],
      ['canary 1.0.0001 --weight ten', /A weight is 0 to 100 percent/],
      ['canary 1.0.0001 --header Version', /Expected <name>=<value>/],
      ['retire 1.0.0000', /is the stable version; promote another one first/],
      ['retire 1.0.0000 --force 1.0.0001', /--force names 1\.0\.0001; to mean it, name 1\.0\.0000/],
      ['retire 9.9.9999', /9\.9\.9999 is unknown/],
      ['rollback', /No other version than 1\.0\.0000 was ever stable/],
      ['rollback 1.0.0000', /is no canary/],
      ['deploy 1.0.0000', /is live already/],
      ['deploy 10.0.000', /A version looks like 1\.0\.0000/],
      ['deploy 1.0.0002 --only chess', /There is no server type chess; there are connector, http, matching/],
      [
        'deploy 1.0.0002 --only matching --group other',
        /fallback of http 1\.0\.0002: 1\.0\.0000 is of another group/,
      ],
      ['init --stable 1.0.0001', /has a table already/],
      ['status --channel nowhere', /The channel nowhere has no release table yet/],
    ])('%s', async (command, sentence) => {
      const before = await current();
      const { code, text } = await release(command);
      expect(code).not.toBe(0);
      expect(text).toMatch(sentence);
      expect(text).not.toMatch(/\n +at /);
      expect(await current()).toEqual(before);
    });

    it('one of two operators at once', async () => {
      const fallbacks = ['fallback matching 1.0.0000', 'fallback http 1.0.0000'];
      const before = (await current())?.revision ?? 0;
      const results = await Promise.all([...fallbacks, ...fallbacks].map(release));
      const wins = results.filter(({ code }) => code === 0).length;
      expect((await current())?.revision).toBe(before + wins);
      for (const { code, text } of results) {
        if (code !== 0)
          expect(text).toMatch(/was changed by somebody else in between; look at it and try again/);
      }
    });

    it('nothing that is right: a version for matching only is served by the stable connectors', async () => {
      const deployed = await release('deploy 1.0.0001 --only matching --why balance');
      expect(deployed).toMatchObject({ code: 0, text: expect.stringContaining('1.0.0001  live') });
      expect((await current())?.table.fallbacks).toMatchObject({
        connector: { '1.0.0001': '1.0.0000' },
        http: { '1.0.0001': '1.0.0000' },
      });
      expect(await release('check')).toEqual({ code: 0, text: 'Nothing would go wrong.\n' });
      expect((await release('history')).text).toMatch(/live 1\.0\.0001 +balance/);
      await release('promote 1.0.0001');
      const { code, text } = await release('retire 1.0.0000');
      expect({ code, text }).toMatchObject({ code: 1, text: expect.stringContaining('deploy them first') });
      expect(await release('deploy 1.0.0001 --only matching')).toMatchObject({
        code: 1,
        text: expect.stringContaining('1.0.0001 has matching servers already'),
      });
      expect(await release('deploy 1.0.0002 --only matching')).toMatchObject({ code: 0 });
      expect((await current())?.table.fallbacks.connector?.['1.0.0002']).toBe('1.0.0000');
      expect(await release('deploy 1.0.0001')).toMatchObject({
        code: 0,
        text: expect.stringContaining('connector 1/1, http 1/1, matching 1/1'),
      });
      expect((await current())?.table.fallbacks.connector).toEqual({ '1.0.0002': '1.0.0000' });
      expect(await release('check')).toMatchObject({ code: 0 });
    }, 120_000);
  });
});
