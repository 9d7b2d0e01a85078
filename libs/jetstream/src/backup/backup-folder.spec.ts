import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type NatsServer, SmallDisk, startNats } from '@ccgame/testing';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { backUpStreams } from './backup-folder.js';
import { addToSeries } from './backup-series.js';
import { assertArchive, BackupDamaged, readBackup } from './read-backup.js';

const allButDate = [
  ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
  ...(['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
];

describe('a backup on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ccgame-backup-'));
  let nats: NatsServer;
  let connection: NatsConnection;
  let backups = 0;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    const { streams } = await jetstreamManager(connection);
    for (const name of ['NOTES', 'SCORES']) await streams.add({ name, subjects: [`${name}.*`] });
    const js = jetstream(connection);
    for (const name of ['a', 'b', 'c']) await js.publish(`SCORES.${name}`, `of ${name}`);
  });
  afterAll(async () => {
    await connection.close();
    await nats.destroy();
    rmSync(folder, { recursive: true });
  });

  const make = async (): Promise<string> => {
    const made = join(folder, `backup-${backups++}`);
    await backUpStreams(connection, made);
    return made;
  };
  const check = async (made: string): Promise<void> => {
    for (const head of await readBackup(made)) await assertArchive(made, head);
  };

  it('is for its owner alone, and sound', async () => {
    const made = await make();
    await check(made);
    expect(statSync(made).mode & 0o777).toBe(0o700);
  });

  it('is made where its folder is named with a slash, as a shell completes it', async () => {
    const made = join(folder, `backup-${backups++}`);
    await backUpStreams(connection, `${made}/`);
    await check(made);
  });

  it('deletes nothing that is there already, also where its name ends in .part', async () => {
    const made = join(folder, `backup-${backups++}`);
    mkdirSync(`${made}.part`);
    await expect(backUpStreams(connection, made)).rejects.toThrow('.part is there already');
    expect(readdirSync(folder)).toContain(basename(`${made}.part`));
  });

  const damages: Record<string, (made: string) => void> = {
    'an archive that was cut off': (made) =>
      change(join(made, 'SCORES/stream.tar.s2'), (all) => all.subarray(1)),
    'an empty archive': (made) => change(join(made, 'SCORES/stream.tar.s2'), () => Buffer.alloc(0)),
    'an archive with one other bit': (made) =>
      change(join(made, 'SCORES/stream.tar.s2'), (all) => {
        all[all.length - 20] ^= 1;
        return all;
      }),
    'no archive': (made) => rmSync(join(made, 'SCORES/stream.tar.s2')),
    'half of a description': (made) =>
      change(join(made, 'NOTES/backup.json'), (all) => all.subarray(0, all.length >> 1)),
    'no description': (made) => rmSync(join(made, 'NOTES/backup.json')),
    'a description without a state': (made) =>
      change(join(made, 'NOTES/backup.json'), () => Buffer.from('{"config":{"name":"NOTES"}}')),
    'a description whose state is null': (made) => edit(made, { state: null }),
    'a description whose state has a text for a number': (made) => edit(made, { state: { messages: '3' } }),
    'a description whose copies are no number': (made) =>
      edit(made, { config: { name: 'SCORES', num_replicas: 'three', max_bytes: -1 } }),
    'a digest that is none': (made) => edit(made, { archive: null }),
    'a description that leads to another stream': (made) =>
      renameSync(join(made, 'NOTES'), join(made, 'OTHERS')),
  };
  const change = (file: string, how: (all: Buffer) => Buffer): void =>
    writeFileSync(file, how(readFileSync(file)));

  const edit = (made: string, changes: object): void =>
    change(join(made, 'SCORES/backup.json'), (all) =>
      Buffer.from(JSON.stringify({ ...(JSON.parse(all.toString()) as object), ...changes })),
    );

  it.each(Object.keys(damages))('is called damaged with %s, by the name of the file', async (damage) => {
    const made = await make();
    damages[damage](made);
    const checked = check(made);
    await expect(checked).rejects.toBeInstanceOf(BackupDamaged);
    await expect(checked).rejects.toThrow(made);
  });

  it('takes one that the nats command made, which has no digest', async () => {
    const made = await make();
    change(join(made, 'SCORES/backup.json'), (all) => {
      const { archive, ...head } = JSON.parse(all.toString()) as { archive: object };
      expect(archive).toBeDefined();
      return Buffer.from(JSON.stringify(head));
    });
    await check(made);
  });

  it.each(['2020-01-01', '2040-01-01'])(
    'is the newest though the clock of its machine says %s',
    async (day) => {
      const series = join(folder, `clock-${day}`);
      // Left by a machine whose clock was wrong before.
      mkdirSync(join(series, '2039-01-01T00-00-00Z'), { recursive: true });
      mkdirSync(join(series, '2021-01-01T00-00-00Z'));
      const year = new Date().getUTCFullYear();
      jest.useFakeTimers({ now: Date.parse(day), doNotFake: allButDate });
      try {
        const made = await addToSeries(connection, series, 2);
        expect(basename(made.folder)).toMatch(new RegExp(`^${year}-`));
        expect(readdirSync(series)).toEqual([basename(made.folder), '2039-01-01T00-00-00Z']);
      } finally {
        jest.useRealTimers();
      }
    },
  );

  it('leaves nothing on a disk that was too small for it, nor do those that were killed', async () => {
    const disk = SmallDisk.mount(join(folder, 'small'));
    try {
      const series = join(disk.folder, 'series');
      disk.fill();
      await expect(addToSeries(connection, series, 2)).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(readdirSync(series)).toEqual([]);
      disk.free();
      await backUpStreams(connection, join(series, 'killed'));
      renameSync(join(series, 'killed'), join(series, '2020-01-01T00-00-00Z.part'));
      disk.fill();
      // Into the room of the one that was killed.
      await addToSeries(connection, series, 2);
      expect(readdirSync(series)).toEqual([expect.stringMatching(/Z$/)]);
    } finally {
      disk.unmount();
    }
  });

  it('takes the room of the oldest on a disk that is full of backups, and leaves half of them in any case', async () => {
    const disk = SmallDisk.mount(join(folder, 'full'));
    try {
      const days = ['2020-01-01T00-00-00Z', '2020-01-02T00-00-00Z', '2020-01-03T00-00-00Z'];
      const [series, few] = ['series', 'few'].map((name) => join(disk.folder, name));
      for (const day of days) await backUpStreams(connection, join(series, day));
      for (const day of days.slice(1)) await backUpStreams(connection, join(few, day));
      disk.fill();
      await expect(addToSeries(connection, few, 4)).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(readdirSync(few).sort()).toEqual(days.slice(1));
      expect((await addToSeries(connection, series, 4)).dropped).toEqual(days.slice(0, 1));
      expect(readdirSync(series).sort()).toEqual([...days.slice(1), expect.stringMatching(/Z$/)]);
    } finally {
      disk.unmount();
    }
  });
});
