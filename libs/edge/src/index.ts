export { MoveSessionsDto, MovedSessions, SessionCounts, VersionSessions, connectorHandlers } from './operations/connector.contract.js';
