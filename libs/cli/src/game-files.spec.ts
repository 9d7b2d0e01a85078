import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { explainProblem } from './dev/problem.js';
import { usualServers } from './dev/usual-servers.js';
import { PrometheusFiles } from './observe/prometheus-files.js';
import { ManifestFolder } from './release/targets/git/manifest-folder.js';
import { loadRobot } from './robots/command.js';
import { readBuild } from './versions/version-build.js';

/** As a merge leaves it. */
const merged = `${'<'.repeat(7)} HEAD\n{}\n${'='.repeat(7)}\n[1,2\n${'>'.repeat(7)} theirs\n`;

describe('a file of a game that a command reads', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ccgame-files-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (path: string, text: string): string => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  const writeShared = (): void =>
    new ManifestFolder(root, root).writeManifests('shared.yaml', [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
    ]);

  it.each<[string, () => unknown]>([
    ['package.json', () => usualServers(root)],
    ['k8s/observability/rules.yaml', () => new PrometheusFiles(root).writeConfig()],
    ['k8s/observability/dashboards/own.json', () => new PrometheusFiles(root).writeConfig()],
    ['routes.yaml', () => new ManifestFolder(root, root).readManifests('routes.yaml')],
    ['kustomization.yaml', writeShared],
  ])('is named where it is broken: %s', (path, read) => {
    for (const text of ['5', '[1', merged, '- a\n- b\n']) {
      const file = write(path, text);
      expect(read).toThrow(`${file} can't be read: `);
    }
    rmSync(join(root, path));
    mkdirSync(join(root, path));
    expect(read).toThrow(`${join(root, path)} can't be read: it is a folder.`);
  });

  it('may say nothing', () => {
    write('package.json', '{"ccgame":null}');
    expect(usualServers(root)).toEqual({});
    write('kustomization.yaml', '# of the studio\nresources:\n');
    writeShared();
    write('k8s/observability/dashboards/own.json', '{"title":"a","panels":[{"title":"a row"}]}');
    expect(() => new PrometheusFiles(root).writeConfig()).not.toThrow();
  });

  it.each(['', '5', 'null', '{"servers', '{}'])('is no finished build where its mark is %j', (text) => {
    write('build.json', text);
    expect(readBuild(root)).toBeUndefined();
    write('build.json', '{"serverTypes":["http"]}');
    expect(readBuild(root)).toEqual({ folder: root, serverTypes: ['http'] });
  });

  it.each([
    ['throw { n: 1n };', '{ n: 1n }'],
    ['throw new Error("no rules");', 'no rules'],
  ])('is named where its code ends with %s', async (code, reason) => {
    const file = write('dist/game/src/robot.js', code);
    await expect(loadRobot(root, 'game')).rejects.toThrow(`${file} can't be loaded: ${reason}.`);
  });

  it('exports a robot that can play', async () => {
    write('dist/game/src/robot.js', 'exports.playAsRobot = 5;');
    await expect(loadRobot(root, 'game')).rejects.toThrow('exports no function playAsRobot');
  });
});

describe('the sentence about a problem', () => {
  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    ['a text', "'a text'"],
    [{ n: 1n }, '{ n: 1n }'],
    [new Error('said'), 'said'],
  ])('is there for whatever was thrown: %p', (thrown, sentence) => {
    expect(explainProblem(thrown)).toBe(sentence);
  });
});
