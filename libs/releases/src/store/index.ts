// The release table and its place in NATS, for a command that is to start quickly: no part of a server comes with it.
export { type ChangeNote, ReleaseStore, type StoredRelease } from '../release-store.js';
export { type TableChange, firstTable, setFallback } from '../table-changes.js';
export { TableError } from '../table-problems.js';
export type { ReleaseTable } from '../table.js';
