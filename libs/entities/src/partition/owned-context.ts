import type { FencedPartition } from '@ccgame/ownership';
import type { Bindings, SessionWatch } from '@ccgame/sessions';
import type { HangMarks } from '../hangs/hang-marks.js';
import type { EntityKind } from '../memory/held-entity.js';
import type { Recordings } from '../recording/recordings.js';
import type { RoomLoad } from '../rooms/room-load.js';
import type { PartitionStore } from '../storage/entity-store.js';
import type { FlushRounds } from '../storage/flush-rounds.js';
import type { RoomViews } from '../view/room-views.js';
import type { EntityCalls } from './call-sender.js';
import type { VersionCalls } from './entity-mover.js';
import type { MoveSlots } from './move-slots.js';
import type { OutputSender } from './output-sender.js';

/** The things that an owned partition works with, from its take-over to its end. */
export interface OwnedContext {
  /** This server's version. */
  version: string;
  kinds: ReadonlyMap<string, EntityKind>;
  store: PartitionStore;
  fenced: FencedPartition;
  outputs: OutputSender;
  calls: EntityCalls;
  views: RoomViews;
  versions: VersionCalls;
  sessions: Pick<SessionWatch, 'watchSession'>;
  bindings: Pick<Bindings, 'bind' | 'unbind' | 'renew'>;
  hangs: Pick<HangMarks, 'read' | 'hangsOf'>;
  isRetired: (version: string) => boolean;
  /** The version that goes on with this one's entities; undefined: none. */
  heir: () => string | undefined;
  /** The load of all rooms of the server. */
  load: RoomLoad;
  moveSlots: MoveSlots;
  rounds: FlushRounds;
  /** The files of rooms that are to be recorded. */
  recordings: Recordings;
  /** Another one whenever the release table changes. */
  releaseTable: () => unknown;
  now: () => number;
  onLost: () => void;
}
