// The contracts by which operators ask matching servers, alone: a command that imports them starts quickly.
export { ExplainTicketDto, explainHandlers } from '../contracts/explain.js';
export type { Explanation } from '../contracts/explanation.js';
export {
  CountTicketsDto,
  QueueCount,
  QueueCounts,
  TicketCount,
  matchingOperations,
} from '../contracts/matching-operations.js';
