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
  /** Wrong fields of the body, each with what was expected. */
  errors?: FieldProblem[];
  /** Stands in the log of the server too, where the error is the server's. */
  incident?: string;
}

export interface FieldProblem {
  /** JSON path: `scores.0.playerId`. */
  field: string;
  expected: string[];
}
