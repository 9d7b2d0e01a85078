export { BackUpJob } from './backup/back-up.job.js';
export { BackupModule } from './backup/backup.module.js';
export { type ClientAddress, ClientAddresses } from './client-address.js';
export { collectAtScrape } from './collect-at-scrape.js';
export { Drain, type DrainStep } from './stop/drain.js';
export { listenHost, requestLimits } from './listen.js';
export type { HttpSetup } from './open-http.js';
export { Readiness, type ServerState } from './readiness.js';
export type { Job, JobArguments, JobReport } from './job.js';
export { type JobsDefinition, runJob } from './run-job.js';
export { type ServerDefinition, runServer } from './run-server.js';
export { ServerModule } from './server.module.js';
export { StorageModule } from './storage/storage.module.js';
export { StopSignals } from './stop/stop-signals.js';
export type { HangNote } from './watchdog/hang-mark.js';
export { beginWork, endWork } from './watchdog/work-note.js';
export { WEB_SOCKET_ADAPTER } from './web-socket-adapter.js';
export {
  LeftBehind,
  leftBehindHandler,
  TakerDto,
  TriedWork,
  WorkItem,
  workLeftHandler,
  WorkList,
} from './work/work-left.contract.js';
export { WorkLeft, type WorkSource } from './work/work-left.js';
