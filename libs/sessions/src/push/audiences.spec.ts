import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type AckedPublisher, type DirectReader, StoredMessage } from '@ccgame/jetstream';
import { Audiences } from './audiences.js';

const sessions = 100_000;
const megabyte = 2 ** 20;

describe('the audience of a push to everyone', () => {
  it('is read without the values of all sessions in memory', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const usedBytes = (): number => {
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = usedBytes();
    let atTheEnd = 0;
    const readAll: DirectReader['readAll'] = (_stream, _subject, take) => {
      for (let seq = 1; seq <= sessions; seq++) take(sessionOf(seq));
      atTheEnd = usedBytes();
      return Promise.resolve();
    };
    const audiences = new Audiences({} as never, {} as AckedPublisher, { readAll } as DirectReader);
    expect(await audiences.ofVersion('1.0.0000')).toHaveLength(sessions);
    // Their records have 200 MB.
    expect((atTheEnd - before) / megabyte).toBeLessThan(60);
  });

  it('is all of a group of a hundred thousand players', async () => {
    const asked: string[] = [];
    const readAll: DirectReader['readAll'] = (_stream, subject, take) => {
      asked.push(subject);
      for (let seq = 1; seq <= sessions; seq++) take(messageOf(seq, `$KV.groups.guild.player-${seq}`, '1'));
      return Promise.resolve();
    };
    const audiences = new Audiences({} as never, {} as AckedPublisher, { readAll } as DirectReader);
    const members = await audiences.ofGroup('guild');
    expect([members.length, members[99_999], asked]).toEqual([
      sessions,
      'player-100000',
      ['$KV.groups.guild.*'],
    ]);
  });
});

function sessionOf(seq: number): StoredMessage {
  const where = { session: 's', serverId: 'connector-0', socket: 'a', isConnected: true };
  const record = JSON.stringify({ ...where, version: '1.0.0000', data: { notes: 'x'.repeat(2_000) } });
  return messageOf(seq, `$KV.sessions.player-${seq}`, record);
}

function messageOf(seq: number, subject: string, text: string): StoredMessage {
  const head = `NATS/1.0\r\nNats-Sequence: ${seq}\r\nNats-Subject: ${subject}\r\n\r\n`;
  return new StoredMessage(head, Buffer.from(text));
}
