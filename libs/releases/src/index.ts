export { chooseVersion, isAboutVersion, type ChosenVersion, type ClientFacts } from './choose-version.js';
export { ReleaseService } from './release.service.js';
export { ReleaseStore, releasesBucket, type ChangeNote, type StoredRelease } from './release-store.js';
export { TrafficCounter } from './traffic-counter.js';
export { ReleasesModule } from './releases.module.js';
export {
  addVersion,
  drainVersion,
  endCanary,
  firstTable,
  markLive,
  promote,
  retireVersion,
  setCanary,
  setFallback,
  type CanaryOptions,
  type TableChange,
} from './table-changes.js';
export { parseRecord, parseTable, TableError, tableProblems } from './table-problems.js';
export {
  versionStates,
  type Canary,
  type ReleaseRecord,
  type ReleaseTable,
  type Rule,
  type VersionState,
} from './table.js';
