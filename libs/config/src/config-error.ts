/** One environment variable that can't be used. */
export interface WrongVariable {
  name: string;
  /** The value that was expected, in words. */
  expected: string;
  /** The value that was found; absent where the variable is missing, `[hidden]` where it is a secret. */
  found?: string;
}

/** The environment can't be used. Lists every wrong variable at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly variables: WrongVariable[]) {
    super(`The environment is not usable:\n${variables.map(line).join('\n')}`);
  }
}

function line({ name, expected, found }: WrongVariable): string {
  return `  ${name}: ${expected}${found === undefined ? ', but it is not set' : `, not ${JSON.stringify(found)}`}`;
}
