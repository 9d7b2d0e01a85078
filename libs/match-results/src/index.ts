export { MatchResultController } from './match-result.controller.js';
export { MatchResults } from './match-results.js';
