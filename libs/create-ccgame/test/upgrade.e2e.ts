import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { addHandler, addJob, addServer, GameChanges } from '@ccgame/cli';

const root = process.cwd();
/** Where a studio and upstream may meet; the rest is upstream's alone. */
const isTried = /^(apps|examples|game|k8s|libs|\.vscode)\/|^[^/]+$/;
const mark = 'of the next version';

/** A clone of this repository, in which a studio and upstream work apart from each other. */
class Clone {
  readonly path = mkdtempSync(join(tmpdir(), 'ccgame-upgrade-'));
  readonly files: string[];

  constructor() {
    const args = ['ls-files', '--cached', '--others', '--exclude-standard'];
    const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 }).split('\n');
    this.files = listed.filter((file) => isTried.test(file) && existsSync(join(root, file)));
    for (const file of this.files) {
      mkdirSync(dirname(join(this.path, file)), { recursive: true });
      cpSync(join(root, file), join(this.path, file));
    }
    this.git('init', '--quiet', '--initial-branch', 'base');
    this.commit('base');
  }

  git(...args: string[]): string {
    const who = [
      '-c',
      'user.name=a studio',
      '-c',
      'user.email=studio@example.com',
      '-c',
      'core.autocrlf=false',
    ];
    return execFileSync('git', [...who, ...args], {
      cwd: this.path,
      encoding: 'utf8',
      stdio: 'pipe',
      maxBuffer: 1e8,
    });
  }

  commit(message: string): void {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--message', message);
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), 'utf8');
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.path, file)), { recursive: true });
    writeFileSync(join(this.path, file), text);
  }

  /** @throws Error when there is nothing to replace: the edit would be none */
  edit(file: string, from: string | RegExp, to: string): void {
    const before = this.read(file);
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${file} has no ${from}`);
    this.write(file, after);
  }

  add(work: (changes: GameChanges) => void): void {
    const changes = new GameChanges(this.path);
    work(changes);
    changes.writeFiles();
  }

  /** Merges the next version into a branch, beside the working tree. */
  mergeNext(branch: string): { tree: string; conflicts: string[] } {
    const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', branch, 'upstream'];
    const { status, stdout, stderr } = spawnSync('git', args, { cwd: this.path, encoding: 'utf8' });
    if (status !== 0 && status !== 1) throw new Error(stderr);
    const [tree = '', ...conflicts] = stdout.trim().split('\n');
    return { tree, conflicts };
  }
}

const isFrameworks = (file: string): boolean =>
  /^(libs|docs|bench|proof|\.github|\.ci)\/|^(Dockerfile|README\.md|eslint\.config\.mjs)$/.test(file) ||
  (file.startsWith('k8s/') && !file.startsWith('k8s/overlays/'));

/** Every file of the framework gets another first line, code another last one; versions and manifests change inside. */
function makeNextVersion(clone: Clone): void {
  for (const file of clone.files.filter(isFrameworks)) {
    const text = clone.read(file);
    if (/\.(ts|mjs|cjs)$/.test(file))
      clone.write(file, `// First line ${mark}.\n${text}// Last line ${mark}.\n`);
    else if (/\.ya?ml$/.test(file)) clone.write(file, `# First line ${mark}.\n${text}`);
    else if (/\.md$/.test(file)) clone.write(file, `${text}\nLast line ${mark}.\n`);
    else if (/^libs\/[^/]+\/package\.json$/.test(file))
      clone.write(file, text.replaceAll('"0.2.0"', '"0.3.0"'));
  }
  clone.write('package.json', clone.read('package.json').replaceAll('"0.2.0"', '"0.3.0"'));
  clone.edit(
    'package.json',
    /^ {4}"bench:http": .*\n/m,
    '$&    "bench:entities": "node dist/bench/entities/main.js",\n',
  );
  clone.edit('k8s/http/deployment.yaml', 'periodSeconds: 2', 'periodSeconds: 3');
  clone.edit('k8s/matching/statefulset.yaml', 'memory: 256Mi', 'memory: 300Mi');
  clone.edit('k8s/nats/accounts/accounts.yaml', '"client.>", "rpc.id', '"client.>", "room.>", "rpc.id');
  clone.edit(
    'k8s/network/network-policies.yaml',
    '[{ port: 80 }, { port: 81 }',
    '[{ port: 79 }, { port: 80 }, { port: 81 }',
  );
  clone.edit('apps/http/src/main.ts', "'SERVER_KEY'", "'SERVER_KEY', 'NEXT_KEY'");
  clone.edit('apps/connector/src/main.ts', "'TOKEN_JWKS_URL'", "'TOKEN_JWKS_URL', 'NEXT_URL'");
}

/** A line behind the last import, and one where a module of Nest lists its imports. */
function importModule(clone: Clone, file: string): void {
  clone.edit(
    file,
    /(^import .*\n)(?!import)/m,
    "$1import { ShopModule } from '#game/shop/shop.module.js';\n",
  );
  clone.edit(file, /\bimports: \[/, 'imports: [ShopModule, ');
}

/** A studio's edits of its own files, each on a branch of its own. */
const edits: Array<[string, (clone: Clone) => void]> = [
  [
    'a handler and a push route',
    (clone) => {
      clone.add((changes) => addHandler(changes, 'matching.greet'));
      clone.edit(
        'game/src/contracts.ts',
        /^export const pushes = \{\n/m,
        "$&  'shop.opened': MatchedPush,\n",
      );
    },
  ],
  [
    'an environment variable',
    (clone) =>
      clone.edit(
        'game/src/environment.ts',
        'defineVariables({',
        'defineVariables({\n  DATABASE_URL: { schema: z.url(), isSecret: true },\n',
      ),
  ],
  [
    'a route function of its own',
    (clone) =>
      clone.edit(
        'game/src/route.ts',
        '  return targetOfRoute(message, session);',
        "  if (message.route.startsWith('shop.')) return { serverType: 'shop' };\n  return targetOfRoute(message, session);",
      ),
  ],
  [
    'a limit of a route',
    (clone) =>
      clone.edit('game/src/route-limits.ts', /^\};/m, "  'shop.buy': { perSecond: 1, burst: 3 },\n};"),
  ],
  [
    'another mode, and one less',
    (clone) => {
      clone.edit('game/src/modes.ts', /^ {2}\{ name: 'demo'.*\n/m, '');
      clone.edit(
        'game/src/modes.ts',
        /^\]\);/m,
        "  { name: 'royale', teams: 10, teamSize: 1, maxParty: 1, hardKeys: [] },\n]);",
      );
    },
  ],
  [
    'an allocator of its own',
    (clone) => clone.write('game/src/allocators.ts', 'export const allocators = { allocators: ours };\n'),
  ],
  ['a job', (clone) => clone.add((changes) => addJob(changes, 'sendMail'))],
  [
    'its own accounts in http',
    (clone) => {
      clone.write('game/src/accounts.ts', 'export class OurAccounts {}\n');
      importModule(clone, 'apps/http/src/http.module.ts');
    },
  ],
  ['a module in the connector', (clone) => importModule(clone, 'apps/connector/src/connector.module.ts')],
  ['a module in matching', (clone) => importModule(clone, 'apps/matching/src/matching.module.ts')],
  [
    'overlays of its clusters',
    (clone) => {
      for (const file of ['kustomization.yaml', 'foundation/kustomization.yaml'])
        clone.write(
          `k8s/overlays/live/${file}`,
          clone.read(`k8s/overlays/staging/${file}`).replaceAll('staging', 'live'),
        );
      for (const file of ['kustomization.yaml', 'foundation/kustomization.yaml'])
        clone.write(
          `k8s/overlays/staging/${file}`,
          clone.read(`k8s/overlays/staging/${file}`).replaceAll('example.com', 'studio.example'),
        );
    },
  ],
  [
    'its name, a script and a dependency in package.json',
    (clone) => {
      clone.edit('package.json', '"name": "ccgame"', '"name": "shop-wars"');
      clone.edit(
        'package.json',
        /^ {4}"start:settleLeaderboards": .*\n/m,
        '$&    "import:items": "node tools/items.js",\n',
      );
      clone.edit('package.json', '    "reflect-metadata"', '    "pg": "^8.16.0",\n    "reflect-metadata"');
    },
  ],
  ['a server type', (clone) => clone.add((changes) => addServer(changes, 'chat'))],
  [
    'a stateful server type',
    (clone) => clone.add((changes) => addServer(changes, 'hall', { stateful: true })),
  ],
  [
    'a library of its own, and its registry',
    (clone) => {
      clone.write('libs/shop/src/index.ts', 'export const prices = new Map<string, number>();\n');
      clone.edit('k8s/registry/kustomization.yaml', 'newName: ccgame', 'newName: registry.example/ccgame');
    },
  ],
];

describe('the next version of ccgame', () => {
  let clone: Clone;
  const branchOf = (name: string): string => name.replaceAll(/\W+/g, '-');

  beforeAll(() => {
    clone = new Clone();
    clone.git('checkout', '--quiet', '-b', 'upstream');
    makeNextVersion(clone);
    clone.commit('next');
    for (const [name, edit] of edits) {
      clone.git('checkout', '--quiet', '-b', branchOf(name), 'base');
      edit(clone);
      clone.commit(name);
    }
  }, 300_000);
  afterAll(() => rmSync(clone.path, { recursive: true, force: true }));

  it.each(edits.map(([name]) => [name]))('is merged without a conflict into a game with %s', (name) => {
    const { tree, conflicts } = clone.mergeNext(branchOf(name));
    expect(conflicts).toEqual([]);
    // Both are there: what the studio wrote, and nothing of the next version is missing.
    const written = (from: string, to: string): string =>
      clone.git('diff', '--unified=0', from, to).replaceAll(/^(index|@@).*$/gm, '');
    expect(written('upstream', tree)).toBe(written('base', branchOf(name)));
  });

  it('is merged into a game with all of it', () => {
    clone.git('checkout', '--quiet', '-b', 'everything', 'base');
    for (const [, edit] of edits) edit(clone);
    clone.commit('everything');
    expect(clone.mergeNext('everything').conflicts).toEqual([]);
  });

  it('conflicts with an edit of the framework’s own files, as this test would see', () => {
    clone.git('checkout', '--quiet', '-b', 'careless', 'base');
    clone.write('libs/edge/src/index.ts', `// The studio's.\n${clone.read('libs/edge/src/index.ts')}`);
    clone.commit('careless');
    expect(clone.mergeNext('careless').conflicts).toEqual(['libs/edge/src/index.ts']);
  });
});
