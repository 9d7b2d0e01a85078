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
import { dirname, join, resolve } from 'node:path';

jest.setTimeout(120_000);

const apps = {
  chat: `
    import { connect } from '@nats-io/transport-node';
    import { RequestError } from '@nats-io/nats-core';
    import { Transport } from '@nestjs/microservices';
    console.log(connect, RequestError, Transport);`,
  door: `
    import { IsString } from 'class-validator';
    import { isObservable } from 'rxjs';
    class Login {
      name = isObservable(1);
      phone = '2';
    }
    IsString()(Login.prototype, 'name');
    // As Nest's ValidationPipe does.
    const { IsPhoneNumber, validate } = await import('class-validator');
    IsPhoneNumber()(Login.prototype, 'phone');
    const errors = await validate(new Login());
    console.log(JSON.stringify(errors.flatMap(({ constraints }) => Object.values(constraints))));`,
};

/** The files of a bundle that an entry loads at its start, itself among them. */
function loadedBy(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const code = readFileSync(file, 'utf8');
  for (const [, path = ''] of code.matchAll(/(?:from|import)\s*"(\.{1,2}\/[^"]+)"/g))
    loadedBy(join(dirname(file), path), found);
  return found;
}

describe('the bundle of a game that names no package of NATS and Nest itself', () => {
  const root = mkdtempSync(join(tmpdir(), 'ccgame-bundle-'));
  const servers = join(root, 'dist', 'servers');
  beforeAll(() => {
    for (const [app, code] of Object.entries(apps)) {
      const folder = join(root, 'dist', 'apps', app, 'src');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'main.js'), code);
    }
    writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'my-game', type: 'module' }));
    symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
    execFileSync(process.execPath, [resolve('libs/cli/bin/bundle-servers.mjs')], { cwd: root });
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it('loads of class-validator and rxjs what is used, and all of the former where it is asked for at run time', () => {
    const loaded = loadedBy(join(servers, 'door.js'));
    const text = [...loaded].map((file) => readFileSync(file, 'utf8')).join('\n');
    const names = ['IsString', 'isObservable', 'IS_PHONE_NUMBER', 'libphonenumber-js', 'rxjs/dist/cjs'];
    expect(names.filter((name) => text.includes(name))).toEqual(['IsString', 'isObservable']);
    const printed = execFileSync(process.execPath, [join(servers, 'door.js')], { encoding: 'utf8' });
    expect(JSON.parse(printed)).toEqual(['name must be a string', 'phone must be a valid phone number']);
  });

  it('has the only copy of what ccgame’s packages need: errors of a second one are instances of nothing here', () => {
    const files = readdirSync(servers, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.js'),
    );
    const text = files.map((name) => readFileSync(join(servers, name), 'utf8')).join('\n');
    expect(text).toContain('PermissionViolationError');
    // By Nest's own line each server loads Node's dates of all languages, for a logger that it hasn't.
    expect(text.match(/dateTimeFormatter=[{\w ]+/g)).toEqual(['dateTimeFormatter={format']);
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
