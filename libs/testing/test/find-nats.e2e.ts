import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const absent = 'exit 127';
const usable = 'echo "nats-server: v2.15.2"';
/** A `go` that does this when it is asked for more than its version. */
const goThat = (body: string): string => `[ "$1" = version ] && echo go1.26 || { ${body}; }`;

/** In a process of its own, whose PATH holds nothing but the commands that a test puts there. */
describe('NATS is found', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ccgame-find-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function put(path: string, body: string): void {
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
  }

  /** The answer of `findNats`, or the message of its refusal. */
  function find(commands: Record<string, string>, options: object = {}): unknown {
    const bin = join(folder, 'bin');
    mkdirSync(bin, { recursive: true });
    for (const [name, body] of Object.entries(commands)) put(join(bin, name), body);
    const module = join(process.cwd(), 'libs', 'testing', 'dist', 'nats', 'find-nats.js');
    const code = `import { findNats } from ${JSON.stringify(module)};
      const found = await findNats(${JSON.stringify({ root: folder, ...options })}).catch(({ message }) => message);
      console.log(JSON.stringify(found));`;
    const env = { PATH: bin, FOLDER: folder };
    return JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', code], { env, encoding: 'utf8' }),
    ) as unknown;
  }

  const everything = { 'nats-server': usable, docker: 'echo 28.0.0', go: 'echo go' };

  it('first where NATS_ADDRESS says', () => {
    const address = 'nats://game:secret@nats-0:4222,nats-1';
    expect(find(everything, { address })).toEqual({ kind: 'address', address });
  });

  it('then on PATH', () => {
    expect(find(everything)).toEqual({ kind: 'binary', path: 'nats-server' });
  });

  it.each([
    ['there is none', absent],
    ['it is too old', 'echo "nats-server: v2.9.10"'],
  ])('then in a Docker engine, where %s on PATH', (_, natsServer) => {
    expect(find({ ...everything, 'nats-server': natsServer })).toEqual({ kind: 'docker' });
  });

  it.each([
    ['no engine answers', 'exit 1'],
    ['it has no compose', '[ "$1" = info ] && echo 28.0.0'],
  ])('then by a build with Go, where there is Docker but %s', (_, docker) => {
    const go = goThat('echo "$@" >> "$FOLDER/go.log"; : > "$GOBIN/nats-server"');
    const built = join(folder, '.ccgame', 'bin', 'nats-server');
    expect(find({ 'nats-server': absent, docker, go })).toEqual({ kind: 'binary', path: built });
    expect(readFileSync(join(folder, 'go.log'), 'utf8')).toBe(
      'install github.com/nats-io/nats-server/v2@v2.15.2\n',
    );
    expect(existsSync(built)).toBe(true);
  });

  it('without a build where that was built before, and built again where the pinned version is another', () => {
    const built = join(folder, '.ccgame', 'bin', 'nats-server');
    const commands = {
      'nats-server': absent,
      docker: absent,
      go: goThat('echo built >> "$FOLDER/go.log"'),
    };
    mkdirSync(join(folder, '.ccgame', 'bin'), { recursive: true });
    put(built, usable);
    expect(find(commands)).toEqual({ kind: 'binary', path: built });
    expect(existsSync(join(folder, 'go.log'))).toBe(false);
    put(built, 'echo "nats-server: v2.14.0"');
    find(commands);
    expect(readFileSync(join(folder, 'go.log'), 'utf8')).toBe('built\n');
  });

  it('by none of the four ways, which the refusal lists, with what is wrong about the one that is there', () => {
    const refusal = find({ 'nats-server': 'echo "nats-server: v2.9.10"', docker: absent, go: absent });
    for (const way of ['NATS_ADDRESS', '2.12.0 or newer on PATH', 'Docker engine', 'install Go'])
      expect(refusal).toContain(way);
    expect(refusal).toMatch(/on PATH is version 2\.9\.10; ccgame needs 2\.12\.0 or newer, because JetStream/);
  });

  it('not where Go fails, and the refusal quotes it', () => {
    const go = goThat('echo "no route to the module proxy" >&2; exit 1');
    expect(find({ 'nats-server': absent, docker: absent, go })).toBe(
      'Go could not build nats-server 2.15.2: no route to the module proxy',
    );
  });
});
