export { MatchResult, MatchResultDto, PlayerScoreDto } from './match-result.dto.js';
export { MatchResults } from './match-results.js';
export { MatchResultsModule } from './match-results.module.js';
