const vm = require('node:vm');

/**
 * Built-in objects of a test file that its code gets as variables: to find a global of a context, Node asks through C++ each time, 150 ns, of
 * which `Math.imul` in a loop is seventy times slower. None that fake timers replace, such as `Date` and `setTimeout`.
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
  if (!own) {
    builtInsOf.set(context, (own = readBuiltIns.runInContext(context)));
    builtIns.forEach((name, place) => refuseAnother(context, name, own[place]));
  }
  return script.runInContext(context)(...own);
}

/** Code that has an object as a variable would not see another one, which a test puts in its place as a global: the test is told. */
function refuseAnother(context, name, own) {
  // Numbers can't be replaced.
  if (typeof own === 'number') return;
  Reflect.defineProperty(context, name, {
    configurable: true,
    get: () => own,
    set(given) {
      if (given === own) return;
      throw new TypeError(
        `Code keeps the ${name} that it was loaded with: replace a method, by jest.spyOn(${name}, …), and not the object.`,
      );
    },
  });
}

module.exports = { compileShared, functionIn };
