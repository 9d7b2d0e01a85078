import { compile, root } from './prepare.mjs';

/** `ccgame build`: compiles what has changed. */
export function build() {
  process.chdir(root);
  compile();
}
