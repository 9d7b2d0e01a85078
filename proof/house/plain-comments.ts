import type { Source } from './cited-paths.js';

/** Sentences whose subject a reader looks for in vain: `Of one that crashed`, `What was answered to whom`. */
const withoutSubject = /^(?:What|Of|Who|Whose|Whom|Whoever|Whatever)\b(?! course\b)[^?]*$/;
/** No English: `stays for who resumes`. */
const withoutNoun = /\b(?:to|for|by|from|so that) who\b/;
/** A line of a comment, in TypeScript and JavaScript, and in YAML, shell, Python and the like. */
const commentLines = { code: /^\s*(?:\/\*\*|\/\/|\*(?!\/))\s?(.*)/, script: /^\s*#+\s+(.*)/ };
const sentenceEnd = /(?<=[.!?:])\s+(?=[A-Z])|\*\//;

/** The sentences of a file's comments, or of a page, in which a reader looks for the subject, as `<path>: <sentence>`. */
export function findUnclearSentences({ path, text }: Source): string[] {
  const parts = path.endsWith('.md') ? partsOfPage(text) : partsOfComments(path, text);
  return parts
    .flatMap((part) => part.split(sentenceEnd))
    .map((sentence) => sentence.trim())
    .filter((sentence) => withoutSubject.test(sentence) || withoutNoun.test(sentence))
    .map((sentence) => `${path}: ${sentence}`);
}

/** Each comment as one line of text. */
function partsOfComments(path: string, text: string): string[] {
  const form = /\.(?:ts|mjs|cjs)$/.test(path) ? commentLines.code : commentLines.script;
  const lines = text.split('\n').map((line) => form.exec(line)?.[1] ?? '');
  return lines
    .join('\n')
    .split(/\n{2,}/)
    .map(asOneLine);
}

/** Paragraphs, points of lists, and cells of tables; neither headings, which may ask, nor code. */
function partsOfPage(text: string): string[] {
  const prose = text.replace(/^ *```[^]*?^ *```/gm, '').replace(/^#.*$/gm, '');
  return prose
    .split(/\n{2,}|\n(?=\s*(?:[-*]|\d+\.) )|\|/)
    .map((part) => asOneLine(part).replace(/^\s*(?:[-*]|\d+\.) /, ''));
}

function asOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
