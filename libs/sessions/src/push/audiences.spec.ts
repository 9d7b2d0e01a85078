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
});

function sessionOf(seq: number): StoredMessage {
  const head = `NATS/1.0\r\nNats-Sequence: ${seq}\r\nNats-Subject: $KV.sessions.player-${seq}\r\n\r\n`;
  const record = JSON.stringify({ version: '1.0.0000', data: { notes: 'x'.repeat(2_000) } });
  return new StoredMessage(head, Buffer.from(record));
}
