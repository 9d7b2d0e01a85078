import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { untilHolds } from '@ccgame/testing';
import { Fleet } from './fleet.js';

/** Answers on its health port; told to stop, it goes after a moment. */
const server = `
require('node:http').createServer((_, response) => response.end()).listen(process.env.HEALTHY_CHECK_PORT, '127.0.0.1');
if (process.env.LACKING === '') throw new Error('SHOP_URL is not set');
process.on('SIGTERM', () => setTimeout(() => process.exit(0), 300));
process.on('disconnect', () => process.exit(0));
`;

describe('the servers of a launcher', () => {
  let folder: string;
  let fleet: Fleet;
  let inherited: Record<string, string>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ccgame-fleet-'));
    mkdirSync(join(folder, 'dist', 'servers'), { recursive: true });
    writeFileSync(join(folder, 'dist', 'servers', 'http.js'), server);
    inherited = { PATH: process.env.PATH ?? '' };
    fleet = new Fleet({
      nats: { addressOf: () => 'nats://127.0.0.1:1' },
      logFolder: join(folder, 'logs'),
      env: {},
      inherited: () => inherited,
      inspectPorts: {},
      onEvent: () => undefined,
    });
  });
  afterEach(async () => {
    await fleet.stopAll(3_000);
    rmSync(folder, { recursive: true, force: true });
  });

  const versions = (): string[] => fleet.listMembers().map(({ server: { version } }) => version);

  it('of a version go, and no others, though they are told to stop twice', async () => {
    const build = { folder, serverTypes: ['http'] };
    for (const version of ['1.0.0000', '1.0.0001']) {
      const members = await fleet.ensureServers(version, build, ['http']);
      await Promise.all(members.map((member) => member.untilReady()));
    }
    // As `retire` does when it is said again while the servers drain.
    await Promise.all([fleet.stopVersion('1.0.0000'), fleet.stopVersion('1.0.0000')]);
    expect(versions()).toEqual(['1.0.0001']);
  }, 30_000);

  it('that died over a variable of .env tell the reason while they are started again, and start once it is mended', async () => {
    inherited.LACKING = '';
    const [member] = await fleet.ensureServers('1.0.0000', { folder, serverTypes: ['http'] }, ['http']);
    const died = async (): Promise<boolean> => (await member.report()).crash !== undefined;
    await untilHolds(died, { timeoutMs: 10_000 });
    expect((await member.report()).lastWords).toContain('Error: SHOP_URL is not set');
    delete inherited.LACKING;
    const isReady = async (): Promise<boolean> => (await member.report()).isReady;
    await untilHolds(isReady, { timeoutMs: 20_000 });
  }, 40_000);
});
