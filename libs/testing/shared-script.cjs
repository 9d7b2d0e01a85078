const vm = require('node:vm');

/**
 * Built-in objects of a test file that its code gets as variables: to find a global of a context, Node asks through C++ each time, 150 ns, of
 * which `Math.imul` in a loop is seventy times slower. None that a test replaces, as fake timers do with `Date` and `setTimeout`.
 */
const builtIns = [
  ...'Array BigInt Boolean Buffer Error Infinity JSON Map Math NaN Number Object Promise'.split(' '),
  ...'Reflect RegExp Set String Symbol TypeError Uint8Array WeakMap process'.split(' '),
];
const list = builtIns.join(', ');
const readBuiltIns = new vm.Script(`[${builtIns.map((name) => `globalThis.${name}`).join(', ')}]`);
const builtInsOf = new WeakMap();

/**
 * The code of a file as a script, which runs in the context of any test file.
 *
 * @throws SyntaxError
 */
function compileShared(code, parameters, filename) {
  // Two functions, so that the code may have variables of these names; in parentheses, by which V8 compiles them at once.
  const head = `(function (${list}) { return (function (${parameters.join(', ')}) { `;
  return new vm.Script(`${head}${code}\n}) })`, { filename, columnOffset: -head.length });
}

/** The function of such a script, whose globals are those of the context. */
function functionIn(context, script) {
  let own = builtInsOf.get(context);
  if (!own) builtInsOf.set(context, (own = readBuiltIns.runInContext(context)));
  return script.runInContext(context)(...own);
}

module.exports = { compileShared, functionIn };
