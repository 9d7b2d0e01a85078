/** Problem details for HTTP APIs. Source: RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  /** For people; it says what to do where that is known. */
  detail?: string;
  /** For programs: the same catalogue as on the socket. */
  code: string;
  retryable: boolean;
  /** The error's public details, as over the socket: of INVALID `{ problems: [{ field, rule }] }`. */
  details?: unknown;
  /** Stands in the log of the server too, where the error is the server's. */
  incident?: string;
}
