import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNats, NatsAccounts, NatsServer } from '@ccgame/testing';
import { ReleaseStore } from '@ccgame/releases';
import { openNats } from './connect-loaded.js';
import { withRights } from './with-rights.js';

describe('a command with the address of another user', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-rights-'));
  let server: NatsServer;
  let addressOf: (user: string) => string;
  beforeAll(async () => {
    const source = await findNats({ root: process.cwd(), binaryOnly: true });
    const accounts = await NatsAccounts.ofRepository(process.cwd());
    if (source.kind !== 'binary' || !accounts) throw new Error('The test needs a nats-server and accounts.');
    const configuration = (port: number, path: string): string => accounts.configure(port, path);
    server = await NatsServer.start({ binary: source.path, folder, configuration });
    addressOf = (user) => accounts.addressOf(server.port, user);
  });
  afterAll(async () => {
    await server?.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  const openReleases = async (user: string): Promise<string> => {
    const nats = await openNats(addressOf(user));
    try {
      return await withRights(nats, async () => {
        await ReleaseStore.open(nats);
        return 'open';
      });
    } finally {
      await nats.close();
    }
  };

  it('says what that user has no right to, in the place of waiting for ever', async () => {
    await expect(openReleases('http')).rejects.toThrow(
      /no right to listen to _INBOX\..*\. Commands need the user operator\.$/,
    );
    expect(await openReleases('operator')).toBe('open');
  });

  it('says that a password is wrong, and not that nobody answers', async () => {
    const wrong = addressOf('operator').replace(/:[0-9a-f]{32}@/, ':wrong@');
    await expect(openNats(wrong)).rejects.toThrow('refuses the user or password');
  });
});
