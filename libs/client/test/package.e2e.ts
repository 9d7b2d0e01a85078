import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { connect } from '../src/connect.js';
import { login } from '../src/login.js';
import { describePlatforms } from './platforms.js';
import { WholeGame } from './whole-game.js';

const folder = join('dist', 'npm', 'client');
const maxGzipBytes = 14 * 1024;

const right = [
  "game.boards.me('ranked', { around: 3 }).then(({ player }) => player?.rank.toFixed());",
  "login({ url: '', deviceId: '' }).then(({ token }) => connect({ url: '', token }));",
  "game.request('matching.user_join_matching', { mode: 'duel' }).then((ticket) => ticket.ticketId.length);",
  "game.on('matched', ({ teams }) => teams[0].players.length);",
];
const wrong: [string, string][] = [
  ['a wrong payload', "game.request('matching.user_join_matching', { mode: 7 });"],
  ['a payload that lacks a field', "game.notify('matching.user_join_matching', {});"],
  ['an unknown route', "game.request('matching.fly', {});"],
  [
    'a result that there is not',
    "game.request('matching.user_leave_matching', undefined).then((it) => it.fly);",
  ],
  ['a push that there is not', "game.on('flown', () => {});"],
];

describe('the package @ccgame/client', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'ccgame-game-'));
  /** By file, what a game's compiler says of it, with nothing of ccgame but the package. */
  const problems = new Map<string, string[]>();
  let servers: WholeGame;

  beforeAll(async () => {
    const { status, stderr } = spawnSync(process.execPath, ['libs/client/build.mjs'], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    compile([...right, ...wrong.map(([, line]) => line)]);
    mkdirSync(join(scratch, 'node_modules', '@ccgame'), { recursive: true });
    symlinkSync(join(process.cwd(), folder), join(scratch, 'node_modules', '@ccgame', 'client'));
    servers = await WholeGame.start(1);
  }, 120_000);
  afterAll(async () => {
    await servers?.stop();
    rmSync(scratch, { recursive: true });
  });

  function compile(lines: string[]): void {
    const head =
      "import { connect, login } from '@ccgame/client';\nconst game = connect({ url: '', token: '' });\n";
    const files = lines.map((line, index) => {
      const file = join(scratch, `${index}.ts`);
      writeFileSync(file, head + line);
      return file;
    });
    const program = ts.createProgram(files, {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ['lib.es2022.d.ts'],
      types: [],
      paths: { '@ccgame/client': [join(process.cwd(), folder, 'types', 'index.d.ts')] },
    });
    for (const { file, messageText } of ts.getPreEmitDiagnostics(program)) {
      const name = basename(file?.fileName ?? '');
      const text = ts.flattenDiagnosticMessageText(messageText, ' ');
      problems.set(name, [...(problems.get(name) ?? []), text]);
    }
  }

  it('weighs 14 KB gzip at most, beside socket.io-client', () => {
    const { gzipBytes } = JSON.parse(readFileSync(join(folder, 'size.json'), 'utf8')) as {
      gzipBytes: number;
    };
    expect(gzipBytes).toBeGreaterThan(1_000);
    expect(gzipBytes).toBeLessThanOrEqual(maxGzipBytes);
  });

  it('has a source map with its TypeScript', () => {
    const map = JSON.parse(readFileSync(join(folder, 'index.js.map'), 'utf8')) as {
      sources: string[];
      sourcesContent: string[];
    };
    const client = map.sources.findIndex((source) => source.endsWith('src/client.ts'));
    expect(map.sourcesContent[client]).toContain('export class Client<G extends GameTypes');
  });

  it.each([ts.ModuleResolutionKind.Node10, ts.ModuleResolutionKind.Node16, ts.ModuleResolutionKind.Bundler])(
    'is found with its types by the module resolution %d, with all its entries',
    (moduleResolution) => {
      const from = join(scratch, 'game.ts');
      const entries = { '': 'index', '/wechat': 'wechat', '/standalone': 'index' };
      for (const [entry, types] of Object.entries(entries)) {
        const name = `@ccgame/client${entry}`;
        const { resolvedModule } = ts.resolveModuleName(name, from, { moduleResolution }, ts.sys);
        expect(resolvedModule?.resolvedFileName).toMatch(new RegExp(`types/${types}\\.d\\.ts$`));
      }
    },
  );

  it('compiles where a game uses it right, its own types included', () => {
    const files = wrong.map((_, index) => `${right.length + index}.ts`);
    expect([...problems.keys()].filter((name) => !files.includes(name))).toEqual([]);
  });

  it.each(wrong.map(([what], index) => [what, `${right.length + index}.ts`]))(
    'does not compile with %s',
    (_, file) => {
      expect(problems.get(file)).toHaveLength(1);
    },
  );

  describe('runs on any platform', () => describePlatforms(() => servers));

  describe('shows a first game in docs/client.md', () => {
    const page = readFileSync(join('docs', 'client.md'), 'utf8');
    const [, game = ''] = /## A first game\n\n```js\n([\s\S]*?)```/.exec(page) ?? [];

    it('in 30 lines at most', () => {
      expect(game.split('\n').length).toBeGreaterThan(10);
      expect(game.trimEnd().split('\n').length).toBeLessThanOrEqual(30);
    });

    it('that runs as it stands, with nothing but the package: two players are matched', async () => {
      writeFileSync(join(scratch, 'game.mjs'), game);
      const games = [1, 2].map(() => spawn(process.execPath, ['game.mjs', servers.url], { cwd: scratch }));
      try {
        const [first, second] = await Promise.all(games.map(matchOf));
        expect(first).toBe(second);
        await tryBoards(servers.url);
      } finally {
        for (const one of games) one.kill();
      }
    });
  });
});

/** A guest who is logged in by the device alone, and reads the boards. */
async function tryBoards(url: string): Promise<void> {
  const deviceId = crypto.randomUUID();
  const { playerId } = await login({ url, deviceId });
  const guest = connect({ url, deviceId });
  try {
    await guest.ready;
    expect(await guest.boards.top('ranked', { limit: 10 })).toMatchObject({ board: 'ranked', entries: [] });
    const place = await guest.boards.me('ranked', { period: 'current' });
    expect(place).toMatchObject({ isSettled: false, players: 0 });
    await expect(guest.boards.top('no-such')).rejects.toMatchObject({ code: 'NOT_FOUND', retryable: false });
    await expect(guest.boards.player('ranked', playerId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await login({ url, deviceId })).playerId).toBe(playerId);
    await expect(login({ url, deviceId: 'x' })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(login({ url: 'http://127.0.0.1:1', deviceId })).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
  } finally {
    guest.close();
  }
}

/** The lines that a game prints of its match. */
async function matchOf(game: ChildProcess): Promise<string> {
  let printed = '';
  for (const output of [game.stdout, game.stderr]) output?.on('data', (text) => (printed += String(text)));
  const deadline = Date.now() + 20_000;
  for (;;) {
    const [, matchId] = /^match (\S+)/m.exec(printed) ?? [];
    if (matchId) return matchId;
    if (game.exitCode !== null || Date.now() > deadline)
      throw new Error(`No match; the game printed:\n${printed}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
