import { Allow, IsBoolean, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

/** Problem details for HTTP APIs. Source: RFC 9457. */
export class Problem {
  @IsString()
  type: string;

  @IsString()
  title: string;

  @IsInt()
  @Min(400)
  @Max(599)
  status: number;

  /** For people; it says what to do where that is known. */
  @IsOptional()
  @IsString()
  detail?: string;

  /** For programs: the same catalogue as on the socket. */
  @IsString()
  code: string;

  @IsBoolean()
  retryable: boolean;

  /** The error's public details, as over the socket: of INVALID `{ problems: [{ field, rule }] }`. */
  @Allow()
  details?: unknown;

  /** Stands in the log of the server too, where the error is the server's. */
  @IsOptional()
  @IsString()
  incident?: string;
}
