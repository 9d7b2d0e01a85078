import { JetStreamApiError } from '@nats-io/jetstream';
import { PermissionViolationError, RequestError, TimeoutError } from '@nats-io/nats-core';

/** A stream, bucket or table can't be had until somebody mends NATS, or the other `database`; the message is a sentence that says what to do. */
export class StorageProblem extends Error {
  override readonly name = 'StorageProblem';

  constructor(
    message: string,
    readonly database?: string,
  ) {
    super(message);
  }
}

/** "no suitable peers for placement" and "JetStream system temporarily unavailable": a cluster of NATS that comes up. */
const clusterStarts = new Set([10005, 10008]);
/** "stream is offline": all servers of a cluster that keep it are away. */
const offline = 10118;
/** "JetStream not enabled", and for this account. */
const notEnabled = new Set([10076, 10039]);
/** "insufficient storage", "memory" and "resources", "resource limits exceeded", "maximum number of streams reached". */
const tooSmall = new Set([10047, 10028, 10023, 10002, 10027]);

/** Other refusals that an operator can mend, by their code, and how: "replicas > 1 not supported in non-clustered mode", "subjects overlap …". */
const remedies = new Map([
  [10074, 'NATS_REPLICAS asks for copies, and this NATS is one server: leave it out, or run a cluster.'],
  [
    10065,
    'another stream of the account takes its subjects, which "nats stream ls --subject" finds: delete that, or give the game an account of its own.',
  ],
]);

/**
 * Whether an error of the JetStream API says no more than "not yet": NATS starts, is slow or away, this server may not make
 * the stream and another one will, or a cluster of NATS looks for a leader.
 */
export function isToWaitFor(error: unknown, hasJetStream: boolean): boolean {
  if (error instanceof RequestError) return isNobodyThere(error, hasJetStream);
  // Nobody answers for JetStream: it starts a moment after NATS itself, where it is on.
  if (isNotEnabled(error)) return hasJetStream && isNobodyThere(error.cause, hasJetStream);
  if (error instanceof JetStreamApiError) return isClusterBusy(error);
  return error instanceof TimeoutError;
}

/** Nobody said yes or no, as while a cluster of NATS looks for the leader of a stream, or of all of them. */
export function isSilence(error: unknown): boolean {
  if (error instanceof RequestError) return error.isNoResponders();
  if (error instanceof JetStreamApiError) return isClusterBusy(error);
  return error instanceof TimeoutError || (isNotEnabled(error) && isSilence(error.cause));
}

const isClusterBusy = ({ code }: JetStreamApiError): boolean => clusterStarts.has(code) || code === offline;

function isNobodyThere(error: unknown, hasJetStream: boolean): boolean {
  if (!(error instanceof RequestError)) return false;
  return error.cause instanceof PermissionViolationError || (hasJetStream && error.isNoResponders());
}

/** The sentence for what only an operator can mend; undefined where the error says something else. */
export function storageProblem(error: unknown, storage: string): StorageProblem | undefined {
  if (error instanceof StorageProblem) return error;
  const isOfApi = error instanceof JetStreamApiError;
  if (isNotEnabled(error) || (isOfApi && notEnabled.has(error.code))) {
    return problem(
      'NATS runs without JetStream: start it with "nats-server -js", or give its account "jetstream: enabled".',
    );
  }
  if (!isOfApi) return undefined;
  const { code, message } = error;
  const remedy = remedies.get(code);
  if (remedy !== undefined) return problem(`NATS refuses ${storage} (${message}): ${remedy}`);
  if (!tooSmall.has(code)) return undefined;
  return problem(
    `NATS has no room for ${storage} (${message}): give JetStream a larger max_file_store and volume, or the account a higher limit.`,
  );
}

/** The library doesn't export the class. */
function isNotEnabled(error: unknown): error is Error {
  return error instanceof Error && error.name === 'JetStreamNotEnabled';
}

function problem(sentence: string): StorageProblem {
  return new StorageProblem(sentence);
}
