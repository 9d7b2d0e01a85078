import { Counter, Gauge, Histogram } from 'prom-client';

/** Metrics of a connector; every name starts with `ccgame_connector_`. */
export const metrics = {
  sessions: new Gauge({ name: 'ccgame_connector_sessions', help: 'Players connected now' }),
  versionSessions: new Gauge({
    name: 'ccgame_connector_version_sessions',
    help: 'Players connected now, by the version that they play',
    labelNames: ['session_version'],
  }),
  handshakes: new Counter({
    name: 'ccgame_connector_handshakes_total',
    help: 'Handshakes by result: ok, or the error code',
    labelNames: ['result'],
  }),
  resumes: new Counter({
    name: 'ccgame_connector_resumes_total',
    help: 'Resumes by result: recovered, or why not',
    labelNames: ['result'],
  }),
  missed: new Counter({ name: 'ccgame_connector_missed_pushes_total', help: 'Pushes replayed at resumes' }),
  pushes: new Counter({
    name: 'ccgame_connector_pushes_total',
    help: 'Pushes to sockets: reliable, volatile, or dropped (volatile, to a slow client)',
    labelNames: ['kind'],
  }),
  gaps: new Counter({
    name: 'ccgame_connector_gaps_total',
    help: 'Times a player was told of missed pushes',
  }),
  requests: new Counter({
    name: 'ccgame_connector_requests_total',
    help: 'Messages of players by result: ok, or the error code. A route that nobody declared is `other`',
    labelNames: ['route', 'result'],
  }),
  requestSeconds: new Histogram({
    name: 'ccgame_connector_request_seconds',
    help: 'From a Request to its Response, by what that was: ok, failed, or timeout',
    labelNames: ['route', 'outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  }),
  refused: new Counter({
    name: 'ccgame_connector_refused_connections_total',
    help: 'Connections that ended before a session, by reason: connections, rate, head, origin, sid, no-token, abuse',
    labelNames: ['reason'],
  }),
  closed: new Counter({
    name: 'ccgame_connector_closed_total',
    help: 'Sockets closed, by the reason given or socket.io’s own',
    labelNames: ['reason'],
  }),
  moves: new Counter({
    name: 'ccgame_connector_moves_total',
    help: 'Players asked to go on elsewhere: release (another version), drain (this connector stops), operator',
    labelNames: ['reason'],
  }),
  draining: new Gauge({ name: 'ccgame_connector_draining_sessions', help: 'Players who still have to move' }),
};
