export { hostileErrors, hostileNames } from './hostile-values.js';
export { type FindNatsOptions, type NatsSource, findNats } from './nats/find-nats.js';
export { type GameNats, type GameNatsOptions, startGameNats } from './nats/game-nats.js';
export { accountsManifest, NatsAccounts, type NatsUsers } from './nats/nats-accounts.js';
export { NatsCluster } from './nats/nats-cluster.js';
export { NatsProblem } from './nats/nats-problem.js';
export { NatsServer, type NatsServerOptions } from './nats/nats-server.js';
export { type NatsGreeting, probeNats } from './nats/probe.js';
export { natsOptions, startNats } from './nats/start-nats.js';
export { SmallDisk } from './nats/small-disk.js';
export { isNatsVersionSupported, oldestNatsVersion, pinnedNatsVersion } from './nats/version.js';
export { Authority, type Identity } from './network/certificates.js';
export { type FloodKind, Flooder, floodKinds } from './network/flooder.js';
export { type Doors, PlayerNetwork } from './network/player-network.js';
export { installDebianPackage } from './debian-package.js';
export { PostgresServer } from './postgres/postgres-server.js';
export { calmTime } from './calm-time.js';
export { ChildOutput } from './child-output.js';
export { freePort } from './servers/free-port.js';
export { cpuSeconds, preciseCpuSeconds, rssMb } from './servers/process-usage.js';
export { ServerFleet, type ServerFleetOptions } from './servers/server-fleet.js';
export { type ServerLabels, labelsOf, serverTypesOf } from './servers/server-labels.js';
export {
  ServerProcess,
  type ServerProcessOptions,
  type ServerStart,
  spawnServer,
} from './servers/server-process.js';
export { type StartServerOptions, type StartedServer, startServer } from './servers/start-server.js';
export { type ReceivedSpan, TraceReceiver } from './trace-receiver.js';
export { type TokenOptions, productionSecrets, tokenOf } from './tokens.js';
export { untilHolds, type UntilHoldsOptions } from './until-holds.js';
