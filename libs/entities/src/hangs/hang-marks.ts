import { Logger } from '@nestjs/common';
import { type DirectReader, NotRead, type StoredMessage } from '@ccgame/jetstream';
import { entityStreamName } from '../storage/jetstream/entity-stream.js';
import { hangSubject } from './hang-subject.js';

/** A server hung in an entity; see `HangNote`. */
interface Hang {
  life: string;
  what: string;
  /** Epoch ms by the clock of NATS. */
  storedAt: number;
}

/** The work of an entity on its way to another version. */
type WayOut = 'upgrade' | 'downgrade';
const waysOut: readonly string[] = ['upgrade', 'downgrade'] satisfies WayOut[];
/** As long as the stream keeps a mark: an owner that has read it tells no more of it either. */
const markForMs = 3_600_000;
const batch = 1_000;

/**
 * The marks that servers left which hung in an entity of this server type (decision 336). They are a fact that a server saw, so they need no
 * fence: the owner of the entity decides by them.
 */
export class HangMarks {
  private readonly log = new Logger('entities');
  private readonly stream: string;
  private hangs = new Map<string, Hang[]>();

  /** @param now epoch ms by the clock of NATS */
  constructor(
    private readonly reader: Pick<DirectReader, 'readEach'>,
    private readonly serverType: string,
    private readonly now: () => number,
  ) {
    this.stream = entityStreamName(serverType);
  }

  /** To be awaited before an owner goes on with what another one left. One that can't read goes on without. */
  async read(): Promise<void> {
    const found = new Map<string, Hang[]>();
    let last = 0;
    try {
      for (let pending = 1; pending > 0;) {
        const request = { next_by_subj: hangSubject(this.serverType, '>'), seq: last + 1, batch };
        pending = await this.reader.readEach(this.stream, request, (message) => {
          last = message.seq;
          const { key, hang } = readMark(message);
          if (hang) found.set(key, [...(found.get(key) ?? []), hang]);
        });
      }
      this.hangs = found;
    } catch (error) {
      // Entities in PostgreSQL may have no stream.
      if (error instanceof NotRead && error.kind === 'gone') return;
      this.log.warn({ event: 'entity.hang-marks-not-read', err: error });
    }
  }

  /** How many servers hung in a life of an entity; on its way to another version, where that is asked for, and else not. */
  countOf(key: string, life: string, way?: WayOut): number {
    const from = this.now() - markForMs;
    const own = (this.hangs.get(key) ?? []).filter(({ storedAt }) => storedAt > from);
    return own.filter((one) => one.life === life && (way ? one.what === way : !waysOut.includes(one.what)))
      .length;
  }
}

/** `entity.dice.hung.<name>.<id>.<mark>`; an empty one was taken back. */
function readMark(message: StoredMessage): { key: string; hang?: Hang } {
  const key = message.subject.split('.').slice(3, -1).join('.');
  if (message.data.length === 0) return { key };
  return { key, hang: { ...message.json<Omit<Hang, 'storedAt'>>(), storedAt: message.storedAt } };
}
