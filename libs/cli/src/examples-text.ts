import { styleText } from 'node:util';

/** The end of a command's help. @param examples one a line, without `ccgame` */
export function examplesText(examples: string[]): string {
  return linesOfExamples(examples.map((example) => `ccgame ${example}`));
}

/** The same; commander takes the style away where no terminal shows it. @param examples one a line, as a person types them */
export function linesOfExamples(examples: string[]): string {
  return `\n${styleText('bold', 'Examples:', { validateStream: false })}\n${examples.map((example) => `  ${example}`).join('\n')}`;
}
