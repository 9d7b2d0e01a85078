export { EDGE_OPTIONS, type EdgeOptions, type RouteLimit } from './edge-options.js';
export { EdgeModule } from './edge.module.js';
export {
  MoveSessionsDto,
  MovedSessions,
  SessionCounts,
  VersionSessions,
  connectorHandlers,
} from './operations/connector.contract.js';
export { PlayerRoutes, targetOfRoute } from './routes/player-routes.js';
