import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
// Not by the package's own name, with which all of the command would come: seconds of CPU.
import { GameChanges } from '../src/new/game-changes.js';
import { addEntity, addRoom } from '../src/new/new-entity.js';
import { addHandler } from '../src/new/new-handler.js';
import { addJob } from '../src/new/new-job.js';
import { addServer } from '../src/new/new-server.js';
import { GameCopy } from './game-copy.js';
import { madeTwiceTest } from './made-twice.js';

/** With what other runs of Jest have transformed already. */
const jestOptions = ['--runInBand', '--cacheDirectory', join(process.cwd(), '.ccgame', 'jest')];

// Compilers, linters and whole test runs: minutes on a machine that has other work.
jest.setTimeout(600_000);

describe('ccgame new', () => {
  let game: GameCopy;
  /** The paths that were written. */
  const written = new Set<string>();

  function add(work: (changes: GameChanges) => void): void {
    const changes = new GameChanges(game.path);
    work(changes);
    for (const path of changes.writeFiles()) written.add(path);
  }

  beforeAll(() => {
    game = new GameCopy(process.cwd());
    // The command itself, which calls what the others call.
    const printed = game.run(process.execPath, 'libs/cli/bin/ccgame.mjs', 'new', 'server', 'chat');
    for (const [, path] of printed.matchAll(/^ {2}(\S+)$/gm)) written.add(path);
    // At once, as the formatter takes half a second each time.
    add((changes) => {
      addServer(changes, 'hall', { stateful: true });
      addHandler(changes, 'chat.greet');
      addHandler(changes, 'chat.send_all', { server: true });
      addHandler(changes, 'matching.hello');
      addRoom(changes, 'chat.lounge');
      addRoom(changes, 'arena.waiting_room');
      // The matchmaker's contracts have a `partyHandlers`, too.
      addEntity(changes, 'chat.party');
      addEntity(changes, 'chat.sky_clan', { keyed: true });
      addJob(changes, 'sendMail');
    });
  });
  afterAll(() => game.remove());

  const ofKind = (pattern: RegExp): string[] => [...written].filter((path) => pattern.test(path));

  it('writes what the compiler takes', () => {
    game.runModule('typescript-native/bin/tsc', '-b', 'tsconfig.build.json');
    // The tests too; libraries by their compiled types, as nothing of them was written: all sources take ten seconds of CPU more.
    const check = {
      extends: './tsconfig.build.json',
      compilerOptions: { composite: false, incremental: false, noEmit: true, types: ['node', 'jest'] },
      files: ofKind(/\.ts$/),
      include: ['apps', 'game', 'examples', 'libs/*/src/**/*.d.ts'],
      exclude: ['node_modules', 'dist'],
      references: [],
    };
    writeFileSync(join(game.path, 'tsconfig.written.json'), JSON.stringify(check));
    game.runModule('typescript-native/bin/tsc', '-p', 'tsconfig.written.json');
  });

  it('writes what the formatter takes', () => {
    game.runModule('prettier/bin/prettier.cjs', '--check', ...written);
  });

  it('writes servers that start, and tests, manifests and NATS users with which the tests are green', () => {
    game.runModule('@ccgame/cli/bin/bundle-servers.mjs');
    expect(ofKind(/\.spec\.ts$/)).toHaveLength(8);
    expect(ofKind(/\.e2e\.ts$/)).toHaveLength(2);
    const manifests = ['k8s/manifests.spec.ts', 'k8s/references.spec.ts', 'k8s/nats-permissions.spec.ts'];
    const madeTwice = 'apps/chat/test/made-twice.e2e.ts';
    writeFileSync(join(game.path, madeTwice), madeTwiceTest);
    const files = [...ofKind(/\.(spec|e2e)\.ts$/), madeTwice, ...manifests];
    // In one process: the sources are new here, and each worker would transform them all by itself.
    game.runModule('jest/bin/jest.js', ...jestOptions, ...files);
  });

  it('gives the client the types of a handler for players, and of no other', () => {
    const contracts = readFileSync(join(game.path, 'game/src/contracts.ts'), 'utf8');
    expect(contracts).toContain('  chatGreet,');
    expect(contracts).not.toContain('chatSendAll');
  });

  it.each<[string, (changes: GameChanges) => void, string]>([
    ['a server twice', (changes) => addServer(changes, 'chat'), 'apps/chat/src/main.ts is there already'],
    ['a server by a wrong name', (changes) => addServer(changes, 'Chat-Room'), 'a lower-case word'],
    ['a server by the name of another user', (changes) => addServer(changes, 'operator'), 'something else'],
    ['a handler twice', (changes) => addHandler(changes, 'chat.greet'), 'greet.contract.ts is there already'],
    ['a handler of nobody', (changes) => addHandler(changes, 'lobby.greet'), 'npx ccgame new server lobby'],
    ['a handler without a server type', (changes) => addHandler(changes, 'greet'), 'named like chat.greet'],
    ['a room twice', (changes) => addRoom(changes, 'chat.lounge'), 'lounge.contract.ts is there already'],
    ['a room of nobody', (changes) => addRoom(changes, 'hotel.room'), 'npx ccgame new server hotel'],
    ['an entity without a server type', (changes) => addEntity(changes, 'profile'), 'named like dice.table'],
    ['a job twice', (changes) => addJob(changes, 'sendMail'), 'is there already'],
    ['a job by a wrong name', (changes) => addJob(changes, 'send-mail'), 'named like sendMail'],
  ])('refuses %s', (_, work, sentence) => {
    expect(() => add(work)).toThrow(sentence);
  });

  it('writes nothing when something is missing that it has to add to', () => {
    rmSync(join(game.path, 'k8s/network/kustomization.yaml'));
    expect(() => add((changes) => addServer(changes, 'lobby'))).toThrow(
      'k8s/network/kustomization.yaml is missing',
    );
    expect(existsSync(join(game.path, 'apps/lobby'))).toBe(false);
  });
});
