import type { DirectReader } from '@ccgame/jetstream';
import { PartitionSubjects } from '../partition-subjects.js';
import { JetStreamPartition } from './jetstream-partition.js';

const subjects = new PartitionSubjects('play', '1.0.0000', 'p0');

type DirectRequest = Parameters<DirectReader['readMessages']>[1];

interface Message {
  subject: string;
  seq: number;
  text: string;
}

/** Answers each read by another replica: the last one goes on. */
function readerOf(replicas: Message[][]): DirectReader {
  const nextReplica = (): Message[] => (replicas.length > 1 ? replicas.shift() : replicas[0]) ?? [];
  const messageOf = ({ subject, seq, text }: Message) => ({
    ...{ subject, seq, data: Buffer.from(text), text: () => text, isWritten: true },
    json: () => JSON.parse(text) as unknown,
  });
  return {
    readMessages: (_stream: string, { multi_last = [] }: DirectRequest) =>
      Promise.resolve(
        nextReplica()
          .filter(({ subject }) => multi_last.includes(subject))
          .map(messageOf),
      ),
    readAll: (_stream: string, subject: string, take: (one: object) => void) => {
      const prefix = subject.slice(0, -1);
      for (const one of nextReplica()) if (one.subject.startsWith(prefix)) take(messageOf(one));
      return Promise.resolve();
    },
  } as unknown as DirectReader;
}

const fence = { subject: subjects.fence, seq: 20, text: '{}' };
const roomsSeen = { subject: subjects.seen, seq: 21, text: '' };
const alarmsSeen = { subject: subjects.alarmsSeen, seq: 22, text: '' };
const early = { subject: subjects.alarm('note.a'), seq: 5, text: '100' };
const late = { subject: subjects.alarm('note.b'), seq: 19, text: '200' };
const whole = [early, late, fence, roomsSeen, alarmsSeen];

const partitionOf = (replicas: Message[][]): JetStreamPartition =>
  new JetStreamPartition('ENTITIES_PLAY', subjects, {} as never, readerOf(replicas), {
    serverId: 'one',
    incarnation: '1',
  });

describe('alarms that are read from a replica which does not have the newest', () => {
  it('are read again, until all of the owners before are there', async () => {
    const partition = partitionOf([whole, whole, [early], [early, fence], whole]);
    await partition.reachedWithin(20, 100);
    const due: string[] = [];
    await partition.readAlarms((key) => due.push(key));
    expect(new Set(due)).toEqual(new Set(['note.a', 'note.b']));
  });

  it('are each there, as its owner stored it behind its fence', async () => {
    const partition = partitionOf([[{ ...late, seq: 3, text: '7' }], [late, fence]]);
    await expect(partition.readAlarm('note.b', 20)).resolves.toBe(200);
  });
});
