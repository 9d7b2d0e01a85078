import { Injectable, Logger } from '@nestjs/common';
import { type GatewayError, GatewayMessageDto, type GatewayResponse } from '#contracts';
import { RpcError, rpcContext, RpcService } from '#rpc';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { route } from '../routes/route.js';
import type { Session } from './session.js';

/** Carries a player's messages to the servers that answer them. */
@Injectable()
export class Requests {
  private readonly log = new Logger('requests');

  constructor(private readonly rpc: RpcService) {}

  /** Gives the Response to a Request; never rejects. */
  async request(session: Session, message: unknown): Promise<GatewayResponse> {
    const echo = echoOf(message);
    try {
      const checked = check(message);
      const data = await this.inSession(session, () => this.rpc.doRPC(route(checked, session), checked.data));
      return { ...echo, data: data ?? null };
    } catch (error) {
      return { ...echo, error: this.publicError(error) };
    }
  }

  /** Sends a Notify on; nobody hears of its end. */
  async notify(session: Session, message: unknown): Promise<void> {
    try {
      const checked = check(message);
      await this.inSession(session, () => this.rpc.sendRPC(route(checked, session), checked.data));
    } catch (error) {
      this.log.debug({
        event: 'notify.refused',
        playerId: session.playerId,
        code: this.publicError(error).code,
      });
    }
  }

  private inSession<T>({ playerId, version }: Session, work: () => T): T {
    return rpcContext.run({ version, attributes: { uid: playerId } }, work);
  }

  private publicError(error: unknown): GatewayError {
    if (error instanceof RpcError) {
      const { code, retryable, details, retryAfterMs } = error.toPublic();
      return { code, message: code, retryable, details, retryAfterMs };
    }
    this.log.error(error);
    return { code: 'INTERNAL', message: 'INTERNAL', retryable: false };
  }
}

/** @throws RpcError INVALID that names the wrong fields */
function check(message: unknown): GatewayMessageDto {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new RpcError('INVALID', { details: { detail: 'A message is an object with a route and data.' } });
  }
  const { data, ...envelope } = message as Record<string, unknown>;
  const dto = Object.assign(plainToInstance(GatewayMessageDto, envelope), { data });
  const wrong = validateSync(dto, { whitelist: true, forbidNonWhitelisted: true });
  if (wrong.length === 0) return dto;
  const errors = wrong.map(({ property, constraints }) => ({
    field: property,
    expected: Object.values(constraints ?? {}),
  }));
  throw new RpcError('INVALID', { details: { errors } });
}

/** What a Response repeats of its Request, as far as it is what it should be. */
function echoOf(message: unknown): { route: string; timestamp?: number } {
  const { route: name, timestamp } = (message ?? {}) as { route?: unknown; timestamp?: unknown };
  return {
    route: typeof name === 'string' ? name.slice(0, 128) : '',
    ...(typeof timestamp === 'number' && { timestamp }),
  };
}
