import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { grid, move } from '../../../../proof/entities/contracts.js';
import { GridRoom } from '../../../../proof/entities/grid-room.js';
import { type EntityClass, markOf, Room } from '../contract/decorators.js';
import { entity } from '../contract/entity-contract.js';
import { RoomOf } from '../live/entity-of.js';
import { HeldEntity } from '../memory/held-entity.js';
import type { StoredInput } from '../live/records.js';
import { readRecording } from './read-recording.js';
import type { Recording } from './recording.js';
import { RecordingFolder } from './recording-folder.js';
import { Recordings } from './recordings.js';
import { RoomRecorder } from './room-recorder.js';
import { replayRecording } from './replay-recording.js';

/** Rolls once more in tick 30. */
@Room(grid, { tickHz: 20 })
class OtherDice extends GridRoom {
  override tick(dt: number, tick: number): void {
    if (tick === 30) this.random();
    super.tick(dt, tick);
  }
}

/** Counts a move twice. */
@Room(grid, { tickHz: 20 })
class OtherMoves extends GridRoom {
  override move(...given: Parameters<GridRoom['move']>): ReturnType<GridRoom['move']> {
    this.state.moves += 1;
    return super.move(...given);
  }
}

/** Its state has another shape, and goes back to the one before. */
@Room(grid, { tickHz: 20, stateVersion: 2 })
class NewShape extends GridRoom {
  override upgrade(old: unknown): GridRoom['state'] {
    return { ...(old as GridRoom['state']), extra: 1 } as never;
  }

  override downgrade(state: GridRoom['state']): unknown {
    const { extra: _extra, ...older } = state as GridRoom['state'] & { extra: number };
    return older;
  }
}

/** Its moves fail by a bug. */
@Room(grid, { tickHz: 20 })
class BrokenMoves extends GridRoom {
  override move(): ReturnType<GridRoom['move']> {
    throw new Error('a bug');
  }
}

const longest = entity({ serverType: 'play', name: 'e'.repeat(64) });

@Room(longest, { tickHz: 20 })
class Longest extends RoomOf<object> {
  create(): object {
    return {};
  }
  tick(): void {}
}

function holdRoom(roomClass: EntityClass, id = 'a'): HeldEntity {
  const mark = markOf(roomClass);
  const kind = { mark, construct: () => Promise.resolve(new roomClass()) };
  return new HeldEntity(`grid.${id}`, id, kind, new roomClass(), '1.0.0000', { seq: 0 }, () => undefined);
}

const moving = (n: number, k: number): StoredInput => ({
  n,
  h: 'move',
  d: { to: 'up' },
  at: 5,
  k,
  p: 'ann',
});

describe('a recorded room', () => {
  let folder: string;
  let recordings: Recordings;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ccgame-recordings-'));
    recordings = new Recordings(join(folder, 'made'), 'play-0');
  });
  afterEach(async () => {
    await recordings.close();
    rmSync(folder, { recursive: true });
  });

  /** 60 ticks, a member, a move before tick 11 and one before tick 41. */
  function playRoom(held: HeldEntity): void {
    const { live } = held;
    live.apply({ n: 1, h: '', b: 'create', at: 5, seed: 7, birth: 'x' });
    live.apply({ n: 2, h: '', b: 'join', d: 'ann', at: 5, k: 0 });
    for (let tick = 1; tick <= 60; tick += 1) {
      live.runTick();
      if (tick === 10) live.apply(moving(3, tick));
      if (tick === 40) live.apply(moving(4, tick));
    }
  }

  const filesMade = (): string[] =>
    readdirSync(join(folder, 'made')).map((name) => join(folder, 'made', name));

  async function record(roomClass: EntityClass = GridRoom): Promise<Recording> {
    const held = holdRoom(roomClass);
    recordings.beginRecording(held);
    playRoom(held);
    await recordings.endRecording(held);
    return readRecording(readFileSync(filesMade()[0]));
  }

  it('comes to the very same with the code that was recorded, also from its middle on', async () => {
    const held = holdRoom(GridRoom);
    recordings.beginRecording(held);
    playRoom(held);
    await recordings.endRecording(held);
    recordings.beginRecording(held);
    held.live.applyUnstored('move', { to: 'left' }, 'ann', false);
    for (let tick = 0; tick < 5; tick += 1) held.live.runTick();
    await recordings.endRecording(held);
    const [whole, rest] = filesMade()
      .map((file) => readRecording(readFileSync(file)))
      .sort((one, other) => one.head.checkpoint.tick - other.head.checkpoint.tick);
    expect(replayRecording([GridRoom], whole)).toEqual({ ticks: 60, inputs: 4 });
    expect(replayRecording([GridRoom], rest)).toEqual({ ticks: 5, inputs: 1 });
    expect(rest.head).toMatchObject({ entity: 'grid', id: 'a', version: '1.0.0000', serverId: 'play-0' });
  });

  it('has a file also where its names are as long as they may be', async () => {
    const serverId = `play-${'s'.repeat(246)}-0`;
    const long = new Recordings(join(folder, 'made'), serverId);
    const held = holdRoom(Longest, 'i'.repeat(128));
    held.live.apply({ n: 1, h: '', b: 'create', at: 5, seed: 7, birth: 'x' });
    long.beginRecording(held);
    held.live.runTick();
    await long.close();
    const [file] = filesMade();
    expect(basename(file)).toMatch(/^e{64}~i{128}~s{35}-0~\d{13}\.jsonl\.gz$/);
    expect(readRecording(readFileSync(file)).head.serverId).toBe(serverId);
  });

  it('comes to the very same where a handler failed, though each failure has an incident of its own', async () => {
    const recording = await record(BrokenMoves);
    expect(replayRecording([BrokenMoves], recording)).toEqual({ ticks: 60, inputs: 4 });
    const { difference } = replayRecording([GridRoom], recording);
    expect(difference).toMatchObject({ tick: 10, what: `the answer to ${move.handler} of ann` });
  });

  it('tells the first tick in which other code comes to something else, and how', async () => {
    const { difference, ticks } = replayRecording([OtherDice], await record());
    expect(ticks).toBe(30);
    expect(difference).toMatchObject({ tick: 30 });
    expect(difference?.changes.length).toBeGreaterThan(0);
    expect(difference?.changes[0]).toMatch(/^random: -?\d+ instead of -?\d+$/);
  });

  it('tells the first answer that is another one, and to whose input', async () => {
    const { difference } = replayRecording([OtherMoves], await record());
    expect(difference).toEqual({
      tick: 10,
      what: `the answer to ${move.handler} of ann`,
      changes: ['data.moves: 2 instead of 1'],
    });
  });

  it('is upgraded for code of another state, and compared by its downgrade', async () => {
    expect(replayRecording([NewShape], await record())).toEqual({ ticks: 60, inputs: 4 });
  });

  it('is read as far as it was written, when its server was killed meanwhile', async () => {
    await record();
    const [file] = filesMade();
    const whole = readFileSync(file);
    const cut = readRecording(whole.subarray(0, whole.length - 30));
    expect(cut.steps.length).toBeLessThan(64);
    expect(replayRecording([GridRoom], cut).difference).toBeUndefined();
    appendFileSync(file, whole.subarray(0, 12));
    expect(readRecording(readFileSync(file)).steps).toHaveLength(64);
    expect(() => readRecording(Buffer.from('{}'))).toThrow('This is no recording of a room.');
  });

  it('is told from another file, and a damaged line by its number', async () => {
    const { head } = await record();
    const first = JSON.stringify(head);
    const read = (...lines: string[]): Recording => readRecording(gzipSync(`${lines.join('\n')}\n`));
    expect(read(first).steps).toEqual([]);
    const withHead = (changed: object): string => JSON.stringify({ ...head, ...changed });
    const noHeads = ['', 'hello', 'null', '[1]', '5', '{"a":1}', '{"checkpoint":{}}'];
    const changed = [
      { entity: 5 },
      { id: null },
      { serverType: undefined },
      { version: [] },
      { at: 1e99 },
      { at: 'then' },
      { stateVersion: null },
      { checkpoint: [] },
      { checkpoint: { ...head.checkpoint, members: 5 } },
      { checkpoint: { ...head.checkpoint, state: 'lost' } },
    ].map(withHead);
    for (const line of [...noHeads, ...changed])
      expect(() => read(line)).toThrow('This is no recording of a room.');
    const tick = '{"tick":1,"surroundings":{},"state":{}}';
    for (const line of ['', 'zzz', 'null', '5', '{}', '{"tick":1}', '{"input":{}}', '{"volatile":null}'])
      expect(() => read(first, tick, line, tick)).toThrow('Line 3 of the recording is damaged');
  });

  describe('that cannot be written', () => {
    beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }));
    afterEach(() => jest.useRealTimers());

    it('goes on from a checkpoint a minute later, when the disk takes files again', async () => {
      const made = join(folder, 'made');
      const own = new Recordings(made, 'play-0');
      writeFileSync(made, 'no folder');
      const held = holdRoom(GridRoom);
      own.beginRecording(held);
      playRoom(held);
      jest.advanceTimersByTime(1_000);
      await own.writeAll();
      expect(held.live.recorder).toBeUndefined();
      rmSync(made);
      jest.advanceTimersByTime(61_000);
      await own.writeAll();
      for (let tick = 0; tick < 5; tick += 1) held.live.runTick();
      await own.endRecording(held);
      await own.close();
      expect(filesMade()).toHaveLength(1);
      expect(replayRecording([GridRoom], readRecording(readFileSync(filesMade()[0])))).toEqual({
        ticks: 5,
        inputs: 0,
      });
    });

    it('keeps no other room from being recorded', async () => {
      const own = new Recordings(join(folder, 'made'), 'play-0');
      const rooms = ['a', 'b'].map((id) => holdRoom(GridRoom, id));
      // A folder stands where the first one's file is to be.
      mkdirSync(join(folder, 'made', `grid~a~play-0~${Date.now()}.jsonl.gz`), { recursive: true });
      for (const held of rooms) {
        own.beginRecording(held);
        held.live.apply({ n: 1, h: '', b: 'create', at: 5, seed: 7, birth: 'x' });
      }
      jest.advanceTimersByTime(1_000);
      await own.writeAll();
      expect(rooms.map(({ live }) => live.recorder !== undefined)).toEqual([false, true]);
      await own.close();
    });
  });

  it('is not kept from it by a file that another server removes meanwhile', async () => {
    const made = join(folder, 'made');
    mkdirSync(made);
    symlinkSync(join(folder, 'gone'), join(made, 'other.jsonl.gz'));
    const held = holdRoom(GridRoom);
    recordings.beginRecording(held);
    await recordings.close();
    playRoom(held);
    expect(held.live.recorder).toBeDefined();
    await recordings.endRecording(held);
  });

  it('holds no more in memory than so much while the disk hangs, and ends', () => {
    const held = { bytes: 0 };
    const [one, other] = [new RoomRecorder('{}', held), new RoomRecorder('{}', held)];
    for (let line = 0; line < 70; line += 1) one.noteVolatile('x'.repeat(1024 * 1024));
    other.noteVolatile('x');
    expect([held.bytes < 65 * 1024 * 1024, one.hasLeftOut, other.hasLeftOut]).toEqual([true, true, false]);
    one.takeLines();
    expect(held.bytes).toBeLessThan(100);
  });

  it('goes on in a new file with all that came while the old one was written', async () => {
    const held = holdRoom(GridRoom);
    const MiB = 1024 * 1024;
    const note = (line: string, bytes: number): void =>
      held.live.recorder?.noteVolatile(JSON.stringify(line.padEnd(bytes, '.')));
    const written: string[] = [];
    const append = jest.spyOn(RecordingFolder.prototype, 'appendPart').mockImplementation(async (_, text) => {
      written.push(...(text.match(/(?:first|next)-\d/g) ?? []));
      const [round] = /(?<=first-)\d/.exec(text) ?? [];
      if (round) note(`next-${round}`, 20 * MiB);
    });
    recordings.beginRecording(held);
    for (let round = 0; round < 4; round += 1) {
      note(`first-${round}`, 33 * MiB);
      await recordings.writeAll();
    }
    expect(held.live.recorder).toBeDefined();
    await recordings.endRecording(held);
    append.mockRestore();
    const all = [0, 1, 2, 3].flatMap((round) => [`first-${round}`, `next-${round}`]);
    expect(written).toEqual(all);
  });

  it('is one of so many files: the oldest go', async () => {
    const made = new RecordingFolder(join(folder, 'made'), { bytes: 1_000, files: 3 });
    const append = (name: string, text: string): Promise<void> =>
      made.appendPart(made.fileOf(name), text, true);
    for (const name of ['a', 'b', 'c', 'd']) {
      await append(name, name);
      utimesSync(made.fileOf(name), name.charCodeAt(0), name.charCodeAt(0));
    }
    await made.removeOldest();
    expect(filesMade()).toEqual(['b', 'c', 'd'].map((name) => made.fileOf(name)));
    for (let count = 0; count < 100; count += 1) await append('e', randomBytes(20).toString('hex'));
    await made.removeOldest();
    expect(filesMade()).toEqual([]);
  });
});
