import type { SnapshotHead } from './snapshot-stream.js';

/** The names that the `nats` command gives them: it restores what is written here, and the other way round. */
export const headFile = 'backup.json';
export const archiveFile = 'stream.tar.s2';

/** The content of a stream's `backup.json`. */
export interface BackupHead extends SnapshotHead {
  /** Left out by the `nats` command. */
  archive?: { bytes: number; sha256: string };
}
