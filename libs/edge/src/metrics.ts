import { declarePlainMetrics, histogramSamples } from '@ccgame/rpc';
import { Counter, Gauge } from 'prom-client';
import type { RouteFigures } from './route-figures.js';

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
  refused: new Counter({
    name: 'ccgame_connector_refused_connections_total',
    help: 'Connections that ended before a session, by reason: connections, rate, proxy-header, head, origin, sid, no-token, slow-poll, gone, abuse',
    labelNames: ['reason'],
  }),
  closed: new Counter({
    name: 'ccgame_connector_closed_total',
    help: 'Sockets closed, by the code that the client is told (a game’s own is `game`) or socket.io’s reason',
    labelNames: ['reason'],
  }),
  moves: new Counter({
    name: 'ccgame_connector_moves_total',
    help: 'Players asked to go on elsewhere: release (another version), drain (this connector stops), operator',
    labelNames: ['reason'],
  }),
  draining: new Gauge({ name: 'ccgame_connector_draining_sessions', help: 'Players who still have to move' }),
};

/** Metrics of players' messages, one source a route. */
export const playerRequests = declarePlainMetrics<RouteFigures>([
  {
    name: 'ccgame_connector_requests_total',
    help: 'Messages of players by result: ok, or the error code. A route that nobody declared is `other`',
    type: 'counter',
    labelNames: ['route', 'result'],
    samples: ({ route, results }) =>
      [...results].map(([result, value]) => ({ labels: { route, result }, value })),
  },
  {
    name: 'ccgame_connector_request_seconds',
    help: 'From a Request to its Response, by what that was: ok, failed, or timeout',
    type: 'histogram',
    labelNames: ['route', 'outcome'],
    samples: ({ route, durations }) =>
      [...durations].flatMap(([outcome, figures]) =>
        histogramSamples('ccgame_connector_request_seconds', figures, { route, outcome }),
      ),
  },
]);
