export { Drain, type DrainStep } from './drain.js';
export { hostForAll, requestLimits } from './listen.js';
export { Readiness, type ServerState } from './readiness.js';
export { runJob, type Job, type JobDefinition } from './run-job.js';
export { runServer, type HttpSetup, type ServerDefinition } from './run-server.js';
export { ServerModule } from './server.module.js';
export { StopSignals } from './stop-signals.js';
