import { inspect } from 'node:util';

/** The usual answers of a file system to a wrong path. */
const fileProblems: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of it is a file, and no folder',
  EISDIR: 'it is a folder',
  EEXIST: 'it is there already',
  EACCES: 'this user has no right to it',
  EPERM: 'this user has no right to it',
  EROFS: 'nothing can be written there',
  ENOSPC: 'the disk is full',
};

/** A sentence for the person at the terminal when the launcher can't go on, without a stack. */
export function explainProblem(error: unknown): string {
  const { name, code, port, path, message } = Object(error) as Partial<NodeJS.ErrnoException> & {
    port?: number;
  };
  if (code === 'EADDRINUSE') {
    return `Port ${port} is in use; stop what listens there, or choose another: npm start -- --port ${(port ?? 3000) + 100}`;
  }
  if (path !== undefined && code !== undefined && fileProblems[code])
    return `${path}: ${fileProblems[code]}.`;
  // The NATS client's own word for it is "timeout".
  if (name === 'TimeoutError') return 'NATS did not answer in time; say the command again.';
  if (name === 'NotRead')
    return `NATS did not show what it stores (${message}); say the command again, and look at its pods where it stays so.`;
  return typeof message === 'string' ? message : inspect(error);
}

/** The part of a sentence that says why something went wrong: one line, without a full stop. @param error whatever was thrown */
export function reasonOf(error: unknown): string {
  const { code, message } = Object(error) as Partial<NodeJS.ErrnoException>;
  const said = fileProblems[code ?? ''] ?? (typeof message === 'string' ? message : inspect(error));
  return said.split('\n', 1)[0].replace(/[.:]$/, '');
}
