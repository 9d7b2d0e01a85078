import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RuleGame } from '../../test/rule-game.js';
import { buildSource } from './build-source.js';
import { findSource } from './find-source.js';
import { pruneBuilds } from './prune-builds.js';
import { snapshotCheckout } from './snapshot-checkout.js';

describe('the code of a version', () => {
  let game: RuleGame;
  let first: string;
  let second: string;
  beforeAll(() => {
    game = new RuleGame('walls stop you');
    first = game.git('rev-parse', 'HEAD');
    game.git('branch', 'old');
    game.writeRule('walls throw you back');
    second = game.commitAll('Another rule');
  });
  afterEach(() => game.git('reset', '--quiet', '--hard'));
  afterAll(() => game.remove());

  const source = (text: string): ReturnType<typeof findSource> => findSource(game.folder, text);
  const build = async (text: string): ReturnType<typeof buildSource> =>
    buildSource(game.folder, await source(text));
  const ruleOf = (folder: string): string =>
    /return "(.*)";/.exec(readFileSync(join(folder, 'dist/servers/http.js'), 'utf8'))?.[1] ?? '';

  it.each([
    ['no-such-branch', /no-such-branch is neither a folder nor a commit, branch or tag/],
    ['--upload-pack=touch', /is neither a folder nor a commit/],
    ['./no-such-folder', /is neither a folder nor a commit/],
    ['HEAD:package.json', /is neither a folder nor a commit/],
    ['', /has changes that are in no commit/],
    ['apps', /apps is no game: it has no package\.json and apps\//],
  ])('is refused when it is named %j', async (text, sentence) => {
    if (text === '') game.writeRule('not committed');
    await expect(source(text)).rejects.toThrow(sentence);
  });

  it('is refused where a name means a folder and a branch', async () => {
    game.git('branch', 'apps');
    await expect(source('apps')).rejects.toThrow('apps is a folder and a name of a commit: say ./apps');
    game.git('branch', '-D', 'apps');
  });

  it('is refused for a commit without a game', async () => {
    const tree = game.git('hash-object', '-t', 'tree', '-w', '/dev/null');
    const empty = game.git('commit-tree', tree, '-m', 'Nothing');
    await expect(source(empty)).rejects.toThrow(`${empty} has no game`);
  });

  it('is refused for a folder with changes that are in no commit, and is the commit of one without', async () => {
    game.writeRule('walls are soft');
    game.writeFile('notes.txt', 'new');
    await expect(source('.')).rejects.toThrow(
      /\. has changes that are in no commit \(M apps\/http\/src\/main\.ts, \?\? notes\.txt\)\. Commit them, or name/,
    );
    rmSync(join(game.folder, 'notes.txt'));
    const stash = game.git('stash', 'create');
    expect(ruleOf((await build(stash)).folder)).toBe('walls are soft');
    game.git('reset', '--quiet', '--hard');
    expect(await source('.')).toMatchObject({ revision: second });
  });

  it('is built once, in a folder of its own, and the checkout stays as it is', async () => {
    const old = await build('old');
    expect(old).toMatchObject({ revision: first, serverTypes: ['http'] });
    expect(ruleOf(old.folder)).toBe('walls stop you');
    writeFileSync(join(old.folder, 'seen'), '');
    const again = await build(first);
    expect(again).toEqual(old);
    expect(readFileSync(join(again.folder, 'seen'), 'utf8')).toBe('');
    expect(game.git('status', '--porcelain')).toBe('');
    expect(game.git('worktree', 'list').split('\n')).toHaveLength(1);
  });

  it('of a folder without a repository is known by its content', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'ccgame-copy-'));
    for (const name of ['apps', 'package.json', 'package-lock.json', 'build.mjs'])
      cpSync(join(game.folder, name), join(copy, name), { recursive: true });
    const before = await build(copy);
    expect(before.revision).toMatch(/^files-[0-9a-f]{16}$/);
    const main = join(copy, 'apps/http/src/main.ts');
    writeFileSync(main, readFileSync(main, 'utf8').replace('throw you back', 'are gone'));
    const after = await build(copy);
    expect([ruleOf(before.folder), ruleOf(after.folder)]).toEqual(['walls throw you back', 'walls are gone']);
    rmSync(copy, { recursive: true });
  });

  it('that does not build is refused with what the build said, and leaves nothing', async () => {
    game.writeFile('build.mjs', 'throw new Error("type error in rules")');
    const broken = game.commitAll('Broken');
    await expect(build(broken)).rejects.toThrow(/can't be built: [^]*type error in rules/);
    game.writeFile('build.mjs', '');
    const empty = game.commitAll('Builds nothing');
    await expect(build(empty)).rejects.toThrow(/apps\/http is not built/);
    game.git('reset', '--quiet', '--hard', second);
    const left = readdirSync(join(game.folder, '.ccgame/versions')).join();
    expect(left).not.toMatch(new RegExp([broken, empty].map((commit) => commit.slice(0, 16)).join('|')));
  });

  it('of the checkout is kept as it was built, and says that it has changes', async () => {
    const before = await snapshotCheckout(game.folder);
    expect(before.revision).toBe(second);
    const built = join(game.folder, 'dist/servers/http.js');
    const code = readFileSync(built, 'utf8');
    writeFileSync(built, code.replace('walls', 'fences'));
    game.writeFile('notes.txt', 'new');
    const after = await snapshotCheckout(game.folder);
    expect(after.revision).toBe(`${second}+changes`);
    expect([before, after].map(({ folder }) => ruleOf(folder))).toEqual(
      ['walls', 'fences'].map((word) => expect.stringMatching(new RegExp(`^${word}`))),
    );
    rmSync(join(game.folder, 'dist'), { recursive: true });
    await expect(snapshotCheckout(game.folder)).rejects.toThrow('apps/http is not built in');
    mkdirSync(join(game.folder, 'dist/servers'), { recursive: true });
    writeFileSync(built, code);
    rmSync(join(game.folder, 'notes.txt'));
  });

  it('is forgotten when eight others were used since, and so is what an interrupted build left', async () => {
    const old = await build('old');
    const folders = Array.from({ length: 8 }, (_, count) =>
      join(game.folder, `.ccgame/versions/commit-${count}`),
    );
    const later = new Date(Date.now() + 1_000);
    for (const folder of folders) {
      mkdirSync(folder);
      writeFileSync(join(folder, 'build.json'), '{}');
      utimesSync(join(folder, 'build.json'), later, later);
    }
    const interrupted = join(game.folder, '.ccgame/versions/commit-interrupted.999999999');
    mkdirSync(interrupted);
    pruneBuilds(game.folder);
    const left = [old.folder, interrupted, ...folders].filter((folder) => existsSync(folder));
    expect(left).toEqual(folders);
  });
});
