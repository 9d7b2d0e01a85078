import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

jest.setTimeout(120_000);

describe('the bundle of a game that names no package of NATS and Nest itself', () => {
  const root = mkdtempSync(join(tmpdir(), 'ccgame-bundle-'));
  afterAll(() => rmSync(root, { recursive: true }));

  it('has the only copy of what ccgame’s packages need: errors of a second one are instances of nothing here', () => {
    const app = join(root, 'dist', 'apps', 'chat', 'src');
    mkdirSync(app, { recursive: true });
    writeFileSync(
      join(app, 'main.js'),
      "import { connect } from '@nats-io/transport-node';\nimport { RequestError } from '@nats-io/nats-core';\n" +
        "import { Transport } from '@nestjs/microservices';\nconsole.log(connect, RequestError, Transport);\n",
    );
    writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'my-game', type: 'module' }));
    symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
    execFileSync(process.execPath, [resolve('libs/cli/bin/bundle-servers.mjs')], { cwd: root });

    const servers = join(root, 'dist', 'servers');
    const files = readdirSync(servers, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.js'),
    );
    const text = files.map((name) => readFileSync(join(servers, name), 'utf8')).join('\n');
    expect(text).toContain('PermissionViolationError');
    expect(text).not.toMatch(/(from|import|require)\s*\(?"(@nats-io|@nestjs\/microservices)/);
    // Node reads the maps too, at each start: they are of the game's own lines.
    const maps = readdirSync(servers, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.map'),
    );
    const mapBytes = maps.reduce((sum, name) => sum + statSync(join(servers, name)).size, 0);
    expect(mapBytes).toBeGreaterThan(0);
    expect(mapBytes).toBeLessThan(text.length / 5);
    const mapped = files.filter((name) =>
      /\n\/\/# sourceMappingURL=\S+\s*$/.test(readFileSync(join(servers, name), 'utf8')),
    );
    expect(maps.sort()).toEqual(mapped.map((name) => `${name}.map`).sort());
    expect(mapped.length).toBeLessThan(files.length);
  });
});
