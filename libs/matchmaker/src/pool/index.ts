// The pure matcher, for simulations and benchmarks: nothing here stores or sends.
export { partitionOf } from './partition.js';
export { missingPlaces, requiredPlaces } from './rules/roles.js';
export { windowAfter } from './search/window.js';
export { masksOf } from './ticket-class.js';
export { TicketPool } from './ticket-pool.js';
export type { Ticket } from './ticket.js';
export { usage as simulationUsage, UsageError } from '../simulation/options.js';
export { runSimulation } from '../simulation/run-simulation.js';
