import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type AckedPublisher, type DirectReader, StoredMessage } from '@ccgame/jetstream';
import { Audiences } from './audiences.js';

const pages = 100;
const perPage = 1_000;
const megabyte = 2 ** 20;

describe('the audience of a push to everyone', () => {
  it('is read without the values of all sessions in memory', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const heapBytes = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = heapBytes();
    let atTheEnd = 0;
    const readMessages = (_: string, { seq = 0 }: { seq?: number }): Promise<StoredMessage[]> => {
      if (seq > pages * perPage) atTheEnd = heapBytes();
      const count = seq > pages * perPage ? 0 : perPage;
      return Promise.resolve(Array.from({ length: count }, (_, index) => sessionOf(seq + index)));
    };
    const audiences = new Audiences({} as never, {} as AckedPublisher, { readMessages } as DirectReader);
    expect(await audiences.ofVersion('1.0.0000')).toHaveLength(pages * perPage);
    // Their records have 200 MB.
    expect((atTheEnd - before) / megabyte).toBeLessThan(60);
  });
});

function sessionOf(seq: number): StoredMessage {
  const head = `NATS/1.0\r\nNats-Sequence: ${seq}\r\nNats-Subject: $KV.sessions.player-${seq}\r\n\r\n`;
  const record = JSON.stringify({ version: '1.0.0000', data: { notes: 'x'.repeat(2_000) } });
  return new StoredMessage(head, Buffer.from(record));
}
