/** The end of a command's help. @param examples one a line, without `ccgame` */
export function examplesText(examples: string[]): string {
  return `\nExamples:\n${examples.map((example) => `  ccgame ${example}`).join('\n')}`;
}
