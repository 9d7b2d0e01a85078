import { compile, enterGame } from './prepare.mjs';

/** `ccgame build`: compiles what has changed. */
export function build() {
  enterGame();
  compile();
}
