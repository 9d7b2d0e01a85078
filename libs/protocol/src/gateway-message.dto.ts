import { IsDefined, IsInt, IsOptional, IsString, MaxLength, Min, ValidateIf } from 'class-validator';
import { IsName } from '@ccgame/rpc';

/** A message: a client's `Request` or `Notify`, or a server's `Push`. */
export class GatewayMessageDto {
  /** The payload; the handler's own DTO says what it must be. */
  @IsDefined()
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the envelope carries whatever the game sends
  data: any;

  /** `<server type>.<handler>`, as in `matching.user_join_matching`. */
  @IsString()
  @MaxLength(128)
  route: string;

  /** A Request's id within the session, chosen by the client and given back in its Response. */
  @IsOptional()
  @IsInt()
  @Min(0)
  timestamp?: number;

  /** Goes to servers of this version instead of the session's; an empty one counts as left out. */
  @IsOptional()
  @ValidateIf(({ version }: GatewayMessageDto) => version !== '')
  @IsName('version')
  version?: string;

  /** The trace that the client records the message in (W3C trace context); the connector begins one where it is left out, or none. */
  @IsOptional()
  @IsString()
  @MaxLength(128)
  traceparent?: string;
}

/** The answer to a `Request`: `data` or `error`. */
export interface GatewayResponse {
  route: string;
  timestamp?: number;
  data?: unknown;
  error?: GatewayError;
}

/** An error as a client gets it; the codes are in docs/errors.md. */
export interface GatewayError {
  code: string;
  message: string;
  retryable: boolean;
  details?: unknown;
  retryAfterMs?: number;
}
