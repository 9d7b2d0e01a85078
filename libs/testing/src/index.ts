export { findNats, type FindNatsOptions, type NatsSource } from './nats/find-nats.js';
export { NatsProblem } from './nats/nats-problem.js';
export { NatsServer, type NatsServerOptions } from './nats/nats-server.js';
export { probeNats, type NatsGreeting } from './nats/probe.js';
export { startNats } from './nats/start-nats.js';
export { isNatsVersionSupported, oldestNatsVersion, pinnedNatsVersion } from './nats/version.js';
export { freePort, isPortFree } from './servers/free-port.js';
