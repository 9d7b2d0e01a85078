import { InvalidArgumentError } from 'commander';

/** The bounds of a number on the command line, and the sentence for anything else. */
export interface NumberArgument {
  min: number;
  max: number;
  expected: string;
}

/** A plain decimal within bounds: no `1e999`, no `0x10`, and nothing that a timer can't take. @throws InvalidArgumentError */
export function decimalArgument(text: string, { min, max, expected }: NumberArgument): number {
  const number = Number(text);
  const isTaken = /^\d{1,12}(\.\d{1,6})?$/.test(text) && number >= min && number <= max;
  if (!isTaken) throw new InvalidArgumentError(expected);
  return number;
}

/** As {@link decimalArgument}, without a fraction. @throws InvalidArgumentError */
export function wholeArgument(text: string, range: NumberArgument): number {
  if (text.includes('.')) throw new InvalidArgumentError(range.expected);
  return decimalArgument(text, range);
}
