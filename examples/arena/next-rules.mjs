/** The changes of the arena's next version, in the sources as well as in what is built of them. */
const changes = [
  [`rule = 'walls stop you'`, `rule = 'walls throw you back'`],
  ['disc.speed[axis] = 0;', 'disc.speed[axis] *= -1;'],
];

/**
 * @param {string} text of `rules`
 * @returns {string} the next version's
 * @throws Error where one isn't found: the next version would be none
 */
export function withNextRules(text) {
  return changes.reduce((before, [from, instead]) => {
    if (!before.includes(from))
      throw new Error(`The rules have no ${from}: mend examples/arena/next-rules.mjs.`);
    return before.replace(from, instead);
  }, text);
}
