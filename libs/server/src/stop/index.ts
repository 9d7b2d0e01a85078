export { StopSignals } from './stop-signals.js';
