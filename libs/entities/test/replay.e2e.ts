import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ArenaRoom } from '../../../examples/arena/src/arena-room.js';
import { markOf } from '../src/contract/decorators.js';
import { HeldEntity } from '../src/memory/held-entity.js';
import { Recordings } from '../src/recording/recordings.js';

const command = join(process.cwd(), 'libs', 'cli', 'bin', 'ccgame.mjs');

/** @returns the exit code, and all that was printed */
function replay(file: string, ...more: string[]): Promise<{ code: number; printed: string; json: string }> {
  return new Promise((resolve) => {
    const given = [command, 'rooms', 'replay', file, '--against', '.', ...more];
    execFile(process.execPath, given, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), printed: `${stdout}${stderr}`, json: stdout }),
    );
  });
}

describe('ccgame rooms replay', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ccgame-replay-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** An arena with two players, one of whom steers, for three seconds. */
  async function recordArena(): Promise<string> {
    const mark = markOf(ArenaRoom);
    const kind = { mark, construct: () => Promise.resolve(new ArenaRoom()) };
    const none = { seq: 0 };
    const held = new HeldEntity('arena.a', 'a', kind, new ArenaRoom(), '1.0.0000', none, () => undefined);
    const recordings = new Recordings(folder, 'arena-0');
    recordings.beginRecording(held);
    const init = { players: ['ann', 'bob'] };
    held.live.apply({ n: 1, h: '', b: 'create', d: init, at: 5, seed: 7, birth: 'x' });
    held.live.apply({ n: 2, h: '', b: 'join', d: 'ann', at: 5, k: 0 });
    for (let tick = 1; tick <= 60; tick += 1) {
      held.live.runTick();
      if (tick === 10) held.live.apply({ n: 3, h: 'steer', d: { x: 1, y: 0 }, at: 5, k: tick, p: 'ann' });
    }
    await recordings.close();
    return join(folder, readdirSync(folder)[0]);
  }

  it('plays a recording with the code of a build, and tells the first tick that is another one, and how', async () => {
    const file = await recordArena();
    const same = await replay(file);
    expect(same.printed).toContain('the very same in . (60 ticks, 3 inputs)');
    expect(same.code).toBe(0);
    // As if it had been recorded with other rules.
    const lines = gunzipSync(readFileSync(file)).toString().split('\n');
    const at = lines.findIndex((line) => line.startsWith('{"tick":42,'));
    const step = JSON.parse(lines[at]) as { state: { discs: { x: number }[] } };
    step.state.discs[0].x = 1.5;
    lines[at] = JSON.stringify(step);
    writeFileSync(file, gzipSync(lines.join('\n')));
    const other = await replay(file, '--json');
    expect(JSON.parse(other.json)).toMatchObject({
      isSame: false,
      recordings: [{ difference: { tick: 42, what: 'the state' } }],
    });
    expect(other.code).toBe(1);
  });

  it('says so where there is no recording', async () => {
    const { code, printed } = await replay('nowhere');
    expect(printed).toContain('There is no recording of nowhere');
    expect(code).toBe(1);
  });

  it('says in a line what is wrong with a file', async () => {
    const file = join(folder, 'other.jsonl.gz');
    for (const text of ['hello\n', '{"checkpoint":{}}\n']) {
      writeFileSync(file, gzipSync(text));
      const { code, printed } = await replay(file);
      expect(printed).toBe(`${file} can't be played in ${process.cwd()}: This is no recording of a room.\n`);
      expect(code).toBe(1);
    }
  });
});
