// Errors, names and traces for the libraries below RPC's own work. Nothing of Nest is loaded, and no validation.
export { RpcError, type RpcErrorOptions } from '../errors.js';
export { checkName } from '../names/check-name.js';
export { endSpan, startSpan } from '../trace/spans.js';
