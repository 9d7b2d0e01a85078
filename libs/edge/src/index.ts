export { EDGE_OPTIONS, type EdgeOptions, type KnownServers, type RouteLimit } from './edge-options.js';
export { EdgeModule } from './edge.module.js';
export { EventType } from '@ccgame/protocol';
export { callingSession } from './gateway/local-handlers.js';
export { PlayerSocketAdapter } from './gateway/player-socket-adapter.js';
export type { SocketSession } from './gateway/socket-session.js';
export type { SessionHooks } from './hooks/session-hooks.js';
export {
  FoundPlayer,
  MoveSessionsDto,
  MovedPlayer,
  MovedSessions,
  PlayerDto,
  PlayerSocket,
  SessionCounts,
  VersionSessions,
  connectorHandlers,
} from './operations/connector.contract.js';
export { PlayerRoutes, targetOfRoute } from './routes/player-routes.js';
