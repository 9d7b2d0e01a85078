import type { RpcContext } from '../context.js';
import { RpcError } from '../errors.js';
import { rpcContext } from '../context.js';
import { encodeJson } from '../wire/wire-body.js';
import { JsonText } from '../wire/json-text.js';
import type { Handler } from './handler.js';
import { Job } from './job.js';
import { sentError } from './reply-error.js';

/** The end of a call that this process made to a handler of its own. */
export interface LocalCaller {
  serverType: string;
  /** The largest answer, bytes. */
  maxBytes: number;
  resolve(result: JsonText): void;
  reject(error: RpcError): void;
}

/** A call of this process to a handler of its own: what goes in and out is what would go over NATS. */
export class LocalJob extends Job {
  readonly subject = '';
  readonly reply = '';
  readonly isCall = true;
  readonly wantsWorking = false;
  private timer?: NodeJS.Timeout;

  constructor(
    handler: Handler,
    private readonly payload: unknown,
    context: RpcContext,
    arrivedAt: number,
    private readonly caller: LocalCaller,
  ) {
    super(handler, context, arrivedAt);
  }

  get callerType(): string {
    return this.caller.serverType;
  }

  readPayload(): unknown {
    return this.payload;
  }

  /** To be called where it isn't done at once: its caller waits no longer. */
  expireAfter(ms: number): void {
    this.timer = setTimeout(() => this.reject(new RpcError('TIMEOUT', { target: this.target })), ms);
  }

  sendResult(data: unknown): string | undefined {
    let json: string;
    try {
      json = data === undefined ? 'null' : encodeJson(data);
    } catch (cause) {
      return this.sendFailure(new Error('The handler returned what can not be sent', { cause }));
    }
    const bytes = Buffer.byteLength(json);
    const limit = this.caller.maxBytes;
    if (bytes > limit) return this.sendFailure(new RpcError('TOO_LARGE', { details: { bytes, limit } }));
    clearTimeout(this.timer);
    this.caller.resolve(new JsonText(json));
    return undefined;
  }

  sendFailure(error: unknown): string {
    const { code, body } = rpcContext.run(this.context, () =>
      sentError(error, this.handler.name, this.callerType),
    );
    this.reject(new RpcError(code, { ...body, target: this.target }));
    return code;
  }

  sendWorking(): void {
    // Its caller is this process.
  }

  private get target(): string {
    return `${this.callerType} ${this.handler.name}`;
  }

  private reject(error: RpcError): void {
    clearTimeout(this.timer);
    this.caller.reject(error);
  }
}
