// Errors, names, waits and traces for the libraries below RPC's own work. Nothing of Nest is loaded, and no validation.
export { RpcError, type RpcErrorOptions } from '../errors.js';
export { checkName } from '../names/check-name.js';
export { within } from './within.js';
export { endSpan, startSpan } from '../trace/spans.js';
