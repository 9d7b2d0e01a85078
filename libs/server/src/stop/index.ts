export { StopSignals, stopSignals } from './stop-signals.js';
