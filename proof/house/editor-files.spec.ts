import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parseDevOptions } from '../../libs/cli/src/dev/options.js';

interface NestProject {
  root: string;
  entryFile: string;
  sourceRoot: string;
}
interface NestCli {
  root: string;
  generateOptions: { spec: boolean };
  projects: Record<string, NestProject>;
}
interface LaunchEntry {
  name: string;
  program?: string;
  preLaunchTask?: string;
  port?: number;
  outFiles?: string[];
}
interface Launch {
  configurations: LaunchEntry[];
  inputs: Array<{ id: string; options: string[]; default: string }>;
}
interface Manifest {
  scripts: Record<string, string>;
  devDependencies: Record<string, string>;
  dependencies: Record<string, string>;
}

const read = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;
const apps = readdirSync('apps').sort();
const { scripts, dependencies, devDependencies } = read<Manifest>('package.json');

describe("nest-cli.json, for Nest's own command", () => {
  const { projects, generateOptions, root } = read<NestCli>('nest-cli.json');

  it('has every app, with its first file', () => {
    expect(Object.keys(projects).sort()).toEqual(apps);
    const dead = Object.values(projects).filter(
      ({ entryFile, sourceRoot }) => !existsSync(`${entryFile}.ts`) || !existsSync(sourceRoot),
    );
    expect(dead).toEqual([]);
    expect(Object.values(projects).map((project) => project.root)).toContain(root);
  });

  it('asks for no tests that import a package which the game lacks', () => {
    expect(generateOptions.spec).toBe('@nestjs/testing' in { ...dependencies, ...devDependencies });
  });
});

describe('.vscode/launch.json', () => {
  const { configurations, inputs } = read<Launch>('.vscode/launch.json');
  const [app] = inputs;

  it('offers every server type', () => {
    expect(app?.options.toSorted()).toEqual(apps.filter((type) => type !== 'cron'));
    expect(app?.options).toContain(app?.default);
  });

  it('starts files that are there, or that the task before it makes', () => {
    for (const { name, program = '', preLaunchTask } of configurations) {
      const path = program.replace('${workspaceFolder}/', '');
      // `npm run build` makes dist/servers/<type>.js of apps/<type>.
      const isBuilt = path === 'dist/servers/${input:app}.js' && preLaunchTask === 'npm: build';
      expect({ name, isThere: path === '' || isBuilt || existsSync(path) }).toEqual({ name, isThere: true });
      const script = preLaunchTask?.replace('npm: ', '') ?? 'build';
      expect(Object.keys(scripts)).toContain(script);
    }
  });

  it('attaches where `npm run dev -- --inspect <type>` opens the debugger, to the code that runs there', () => {
    const attaching = configurations.find(({ port }) => port !== undefined);
    expect(attaching?.name).toContain('npm run dev -- --inspect');
    expect(attaching?.port).toBe(parseDevOptions(['--inspect', 'matching'], 'dev').inspect.matching);
    expect(attaching?.outFiles).toEqual(['${workspaceFolder}/.ccgame/versions/**/*.js']);
  });
});
