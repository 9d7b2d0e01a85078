export { hasJetStream } from './has-jetstream.js';
export { NATS_CONNECTION, connectNats } from './nats-connection.js';
export { NatsHealth } from './nats-health.js';
export { noteRetry } from './note-retry.js';
export { isAnswered } from './patience/is-answered.js';
export { Patience } from './patience/patience.js';
export { privateInbox } from './private-inbox.js';
export { asBuffer } from './wire/as-buffer.js';
export { type RawMessage, headerText } from './wire/header-text.js';
