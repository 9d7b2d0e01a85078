import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type NatsServer, startNats } from '@ccgame/testing';
import { findLauncher } from '../src/dev/dev-file.js';
import type { CommandResult } from '../../../proof/release-demo/backend.js';
import { releaseInProcess } from './command-in-process.js';
import { type Launch, launch } from './launch.js';
import { RuleGame } from './rule-game.js';

/** One `npm start` of a small game, whose versions are really different code. */
describe('versions of different code', () => {
  const ownFolder = process.cwd();
  let game: RuleGame;
  let nats: NatsServer;
  let launcher: Launch;
  let url: string;
  let controlUrl: string;
  let commits: string[];

  beforeAll(async () => {
    nats = await startNats();
    game = new RuleGame('walls stop you');
    const first = game.git('rev-parse', 'HEAD');
    game.git('switch', '--quiet', '--create', 'next');
    game.writeRule('walls throw you back');
    commits = [first, game.commitAll('Another rule')];
    game.git('switch', '--quiet', 'main');
    const port = String(await freePort());
    const args = ['--versions', '1.0.0000,1.0.0001=next', '--port', port];
    launcher = launch(args, { cwd: game.folder, env: { NATS_ADDRESS: nats.address } });
    await launcher.prints(/Ctrl-C stops everything/);
    const found = await findLauncher(game.folder);
    if (found.state !== 'answers') throw new Error(`The launcher is ${found.state}:\n${launcher.text}`);
    ({ publicUrl: url, controlUrl } = found.dev);
    process.chdir(game.folder);
  }, 120_000);
  afterAll(async () => {
    process.chdir(ownFolder);
    await launcher?.interrupt();
    await nats?.destroy();
    game?.remove();
  }, 60_000);

  const release = (...args: string[]): Promise<CommandResult> => releaseInProcess(args);
  const ruleIn = async (version: string): Promise<string> =>
    (await fetch(`${url}/v1/rule`, { headers: { version } })).text();
  const rules = (...versions: string[]): Promise<string[]> => Promise.all(versions.map(ruleIn));

  /** SIGKILL; resolves when the launcher has started the server again. */
  async function killServer(serverId: string): Promise<void> {
    const line = new RegExp(`${serverId}\\s+pid (\\d+)`).exec(launcher.text);
    process.kill(Number(line?.[1]), 'SIGKILL');
    await launcher.prints(new RegExp(`✓ ${serverId} is back`));
  }

  it('runs a git ref beside the code of the checkout, and tells both commits', async () => {
    expect(await rules('1.0.0000', '1.0.0001')).toEqual(['walls stop you', 'walls throw you back']);
    const { text } = await release('status');
    const [first, second] = commits.map((commit) => commit.slice(0, 7));
    expect(text).toMatch(
      new RegExp(
        `1\\.0\\.0000 .* http 1/1 .* ${first} +none\n1\\.0\\.0001 .* http 1/1 .* ${second} +none$`,
        'm',
      ),
    );
  });

  it('deploys a folder, and what is built in the checkout by then', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'ccgame-copy-'));
    for (const name of ['apps', 'package.json', 'package-lock.json', 'build.mjs'])
      cpSync(join(game.folder, name), join(copy, name), { recursive: true });
    game.writeRule('walls are soft');
    cpSync(join(game.folder, 'apps'), join(copy, 'apps'), { recursive: true });
    const deployed = await release('deploy', '1.0.0002', '--from', copy);
    rmSync(copy, { recursive: true });
    expect(deployed).toMatchObject({
      code: 0,
      text: expect.stringMatching(/1\.0\.0002 .* files-[0-9a-f]{16} +none$/m),
    });

    cpSync(join(game.folder, 'apps/http/src/main.ts'), join(game.folder, 'dist/servers/http.js'));
    const here = await release('deploy', '1.0.0003');
    expect(here.text).toMatch(new RegExp(`1\\.0\\.0003 .* ${commits[0]?.slice(0, 7)}\\+changes +none$`, 'm'));
    expect(await rules('1.0.0000', '1.0.0001', '1.0.0002', '1.0.0003')).toEqual([
      'walls stop you',
      'walls throw you back',
      'walls are soft',
      'walls are soft',
    ]);
  });

  it('gives a killed server the code of its own version, whatever was built or deployed since', async () => {
    await killServer('http-dev-v100000-0');
    await killServer('http-dev-v100001-0');
    expect(await rules('1.0.0000', '1.0.0001')).toEqual(['walls stop you', 'walls throw you back']);
  });

  it.each([
    [['deploy', '1.0.0009', '--from', 'no-such-branch'], /no-such-branch is neither a folder nor a commit/],
    [['deploy', '1.0.0009', '--from', '.'], /\. has changes that are in no commit/],
    [['deploy', '1.0.0009', '--from', 'apps'], /apps is no game/],
    [['deploy', '1.0.0001', '--from', 'main'], /1\.0\.0001 is live already/],
  ])('refuses %j before anything starts or is written', async (command, sentence) => {
    const { code, text } = await release(...command);
    expect({ code, text }).toEqual({ code: 1, text: expect.stringMatching(sentence) });
    expect((await release('status')).text).not.toContain('1.0.0009');
    const servers = (await (await fetch(`${controlUrl}/servers`)).json()) as Array<{ version: string }>;
    expect(servers.map(({ version }) => version).sort()).toEqual([
      '1.0.0000',
      '1.0.0001',
      '1.0.0002',
      '1.0.0003',
    ]);
  });

  it('makes a version of other code after it was retired', async () => {
    expect(await release('retire', '1.0.0003')).toMatchObject({ code: 0 });
    expect(await release('deploy', '1.0.0003', '--from', 'next')).toMatchObject({ code: 0 });
    expect(await rules('1.0.0003')).toEqual(['walls throw you back']);
  });
});
