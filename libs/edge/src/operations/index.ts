// The contracts by which operators ask connectors, alone: a command that imports them starts quickly.
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
} from './connector.contract.js';
