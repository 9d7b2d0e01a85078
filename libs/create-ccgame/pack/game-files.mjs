// The files that a created game has of this repository, as they stand or changed. A change that finds nothing to change throws: the
// template can't fall behind unnoticed.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const folders = ['apps', 'examples', 'game', 'k8s', '.devcontainer', '.vscode'];
const files = [
  '.editorconfig',
  '.gitignore',
  '.npmrc',
  '.nvmrc',
  '.prettierignore',
  '.prettierrc.json',
  'docker-compose.yml',
  'nest-cli.json',
];
/** Tests of the framework, and what they need. */
const isNotTheGames = (path) =>
  /\/test(\/|$)|\.(spec|e2e)\.ts$|^k8s\/[^/]+\.ts$|secrets\/secrets\.yaml$/.test(path.replaceAll('\\', '/'));

/** Copies and changes; the manifest is another's work. */
export function writeGameFiles(root, target) {
  for (const folder of folders.filter((name) => existsSync(join(root, name)))) {
    for (const file of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      const path = join(file.parentPath, file.name).slice(root.length + 1);
      if (file.isFile() && !isNotTheGames(path)) copy(path);
    }
  }
  for (const file of files) copy(file);
  for (const [path, change] of Object.entries(changes))
    write(path, change(readFileSync(join(root, path), 'utf8')));
  write('jest.config.mjs', jestConfig);
  write('README.md', readFileSync(join(import.meta.dirname, 'game-readme.md'), 'utf8'));

  function copy(path) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(root, path), join(target, path));
  }
  function write(path, text) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), text);
  }
}

const jestConfig = `import preset from '@ccgame/testing/jest-preset';

export default preset;
`;

const changes = {
  Dockerfile: (text) =>
    replaceAll(text, [
      [/^FROM .* AS manifests\n(.*\n)*?\n/m, ''],
      [/^# The libraries' manifests alone.*\nCOPY --from=manifests .*\n/m, ''],
      [/^COPY libs libs\n/m, ''],
      [/^# No benchmarks and no proofs.*\n/m, ''],
    ]),
  '.dockerignore': (text) =>
    replaceAll(text, [
      [/^!libs\n/m, ''],
      [/^!tsconfig\.lib\.json\n/m, ''],
      [/^libs\/.*\n/gm, ''],
    ]),
  '.github/workflows/ci.yml': (text) =>
    replaceAll(text, [
      [/^#.*\n/, ''],
      [/^ *# A game created.*\n.*test:create\n/m, ''],
      [/^( *)- run: bash \.ci\/run$/m, '$1- run: npm ci\n$1- run: npm run types\n$1- run: npm test'],
    ]),
  'tsconfig.json': (text) =>
    changeJson(text, (config) => {
      config.compilerOptions.customConditions = ['@game/source'];
      config.include = ['apps', 'examples', 'game'];
      config.exclude = ['node_modules', 'dist', '.ccgame'];
    }),
  'tsconfig.build.json': (text) =>
    changeJson(text, (config) => {
      for (const option of ['composite', 'declaration']) delete config.compilerOptions[option];
      delete config.references;
    }),
};

function replaceAll(text, replacements) {
  return replacements.reduce((before, [from, to]) => {
    const after = before.replace(from, to);
    if (after === before)
      throw new Error(`The template has to change ${from}, which isn't there:\n${before}`);
    return after;
  }, text);
}

function changeJson(text, change) {
  const config = JSON.parse(text);
  change(config);
  return `${JSON.stringify(config, null, 2)}\n`;
}
