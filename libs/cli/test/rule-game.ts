import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const manifest = { name: 'rules', private: true, type: 'module', scripts: { build: 'node build.mjs' } };

const build = `import { cpSync, readdirSync } from 'node:fs';
for (const type of readdirSync('apps')) {
  cpSync(\`apps/\${type}/src/main.ts\`, \`dist/servers/\${type}.js\`);
}
`;

/** By address: the game's own build bundles nothing. */
const packages = pathToFileURL(resolve('dist/test-servers/proof/rules/packages.js')).href;
const names =
  'Controller, Get, HttpModule, httpSetup, Module, RpcModule, runServer, ServerModule, TokensModule';

/** A real server with one handler of its own; without types, so that a copy compiles it. */
const server = (rule: string): string => `import { ${names} } from ${JSON.stringify(packages)};

class RuleController {
  rule() {
    return ${JSON.stringify(rule)};
  }
}
const handler = Object.getOwnPropertyDescriptor(RuleController.prototype, 'rule');
Get()(RuleController.prototype, 'rule', handler);
Controller('v1/rule')(RuleController);

class RulesModule {}
const imports = [ServerModule, RpcModule.forRoot(), TokensModule.forRoot(), HttpModule.forRoot({ title: 'rules' })];
Module({ imports, controllers: [RuleController] })(RulesModule);

await runServer({ module: async () => RulesModule, http: async () => httpSetup });
`;

/** A small game of one server type, in a git repository of its own. It tells its rule at \`/v1/rule\`. */
export class RuleGame {
  readonly folder = mkdtempSync(join(tmpdir(), 'ccgame-rules-'));

  constructor(rule: string) {
    this.writeFile('package.json', JSON.stringify(manifest));
    this.writeFile('package-lock.json', JSON.stringify({ name: 'rules', lockfileVersion: 3, packages: {} }));
    this.writeFile('.gitignore', 'node_modules\ndist\n.ccgame\n');
    this.writeFile('build.mjs', build);
    this.writeRule(rule);
    this.linkPackages();
    this.git('init', '--quiet', '--initial-branch=main');
    this.commitAll('The first rule');
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: this.folder });
  }

  git(...args: string[]): string {
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
    return execFileSync('git', [...who, ...args], { cwd: this.folder, encoding: 'utf8' }).trim();
  }

  /** Gives the commit. */
  commitAll(message: string): string {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '-m', message);
    return this.git('rev-parse', 'HEAD');
  }

  writeRule(rule: string): void {
    this.writeFile('apps/http/src/main.ts', server(rule));
  }

  writeFile(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private linkPackages(): void {
    const [from, to] = [join(process.cwd(), 'node_modules'), join(this.folder, 'node_modules')];
    for (const name of readdirSync(from).filter((one) => !one.startsWith('.'))) {
      const names = name.startsWith('@')
        ? readdirSync(join(from, name)).map((one) => `${name}/${one}`)
        : [name];
      if (name.startsWith('@')) mkdirSync(join(to, name), { recursive: true });
      else mkdirSync(to, { recursive: true });
      for (const each of names) symlinkSync(join(from, each), join(to, each));
    }
    this.writeFile('node_modules/.package-lock.json', '{}');
  }
}
