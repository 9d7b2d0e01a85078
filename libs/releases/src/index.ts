export { type ChosenVersion, type ClientFacts, chooseVersion, isAboutVersion } from './choose-version.js';
export { parseCookies } from './parse-cookies.js';
export {
  type ChangeNote,
  ReleaseStore,
  type StoredRelease,
  releaseStreams,
  releasesBucket,
} from './release-store.js';
export { ReleaseService } from './release.service.js';
export { ReleasesModule } from './releases.module.js';
export { isHeaderName } from './rule-problems.js';
export { RememberedRelease, rememberedRelease } from './remembered/remembered-release.contract.js';
export {
  type CanaryOptions,
  type TableChange,
  addVersion,
  drainVersion,
  endCanary,
  firstTable,
  keepVersion,
  markLive,
  promoteVersion,
  retireVersion,
  setCanary,
  setFallback,
} from './table-changes.js';
export { TableError, parseRecord, parseTable, tableProblems } from './table-problems.js';
export {
  type Canary,
  type ReleaseRecord,
  type ReleaseTable,
  type Rule,
  type VersionState,
  versionStates,
} from './table.js';
export { mostFailingListed, TrafficCounter } from './traffic/traffic-counter.js';
export {
  handshakeRoute,
  PlayerErrors,
  RouteTraffic,
  Traffic,
  trafficBuckets,
  trafficHandler,
} from './traffic/traffic.contract.js';
