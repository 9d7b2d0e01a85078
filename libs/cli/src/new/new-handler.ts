import type { GameChanges } from './game-changes.js';
import { addControllerToModule } from './game-module.js';
import { addController } from './server-sources.js';
import { nameHandler } from './game-contracts.js';
import { requireServerType } from './require-server-type.js';
import { assertName, camelCase, kebabCase, pascalCase } from './words.js';

/** The options of `ccgame new handler`. */
export interface NewHandlerOptions {
  /** For servers alone: no route that a player can spell reaches it. */
  server?: boolean;
}

/**
 * A handler: its contract, a method of the server type's controller, and a test; of players also a line in `contracts.ts`,
 * which gives the client its types.
 *
 * @param route `chat.greet`
 * @throws Error when the server type isn't there, or the handler is
 */
export function addHandler(
  changes: GameChanges,
  route: string,
  { server = false }: NewHandlerOptions = {},
): void {
  const [type = '', handler = '', ...more] = route.split('.');
  if (more.length > 0 || handler === '') throw new Error(`A handler is named like chat.greet, not ${route}.`);
  assertName('serverType', type);
  assertName('handler', handler);
  // A method of a class is named so.
  assertName('handler', camelCase(handler));
  const names = namesOf(type, handler);
  requireServerType(changes, type);
  changes.createFile(`game/src/${type}/${names.file}.contract.ts`, contract(type, handler, server));
  changes.createFile(`game/src/${type}/${names.file}.spec.ts`, handlerTest(type, handler));
  addMethod(changes, type, handler, server);
  if (!server) addToContracts(changes, type, handler);
}

interface Names {
  /** `chatGreet` */
  contract: string;
  /** `GreetDto` */
  payload: string;
  /** `GreetResult` */
  result: string;
  /** `greet` */
  method: string;
  /** `greet` */
  file: string;
}

function namesOf(type: string, handler: string): Names {
  const pascal = pascalCase(handler);
  return {
    contract: `${type}${pascal}`,
    payload: `${pascal}Dto`,
    result: `${pascal}Result`,
    method: camelCase(handler),
    file: kebabCase(handler),
  };
}

function contract(type: string, handler: string, server: boolean): string {
  const { contract: name, payload, result } = namesOf(type, handler);
  const define = server ? 'serverHandler' : 'clientHandler';
  return `import { IsString, MaxLength } from 'class-validator';
import { ${define} } from '@ccgame/rpc';

export class ${payload} {
  @IsString()
  @MaxLength(200)
  text: string;
}

export class ${result} {
  @IsString()
  text: string;
}

export const ${name} = ${define}({
  serverType: '${type}',
  handler: '${handler}',
  payload: ${payload},
  result: ${result},
});
`;
}

function addMethod(changes: GameChanges, type: string, handler: string, server: boolean): void {
  const { contract: name, payload, result, method, file } = namesOf(type, handler);
  const controller = `game/src/${type}/${type}.controller.ts`;
  if (!changes.has(controller)) wireController(changes, type);
  const decorator = server ? 'ServerHandler' : 'ClientHandler';
  const imports = [
    ...(new RegExp(`\\{[^}]*\\b${decorator}\\b[^}]*\\} from '@ccgame/rpc'`).test(changes.readText(controller))
      ? []
      : [`import { ${decorator} } from '@ccgame/rpc';\n`]),
    `import { ${name}, ${payload}, type ${result} } from './${file}.contract.js';\n`,
  ];
  changes.insertAfterLast(controller, /^import .*\n/m, imports.join(''));
  changes.insertBefore(
    controller,
    /\}\s*$/,
    `
  @${decorator}(${name})
  ${method}({ text }: ${payload}): ${result} {
    return { text };
  }
`,
  );
}

/** The app of a server type that had no controller of the game's, such as matching. */
function wireController(changes: GameChanges, type: string): void {
  addController(changes, type);
  const controller = { name: `${pascalCase(type)}Controller`, file: `${type}/${type}.controller` };
  addControllerToModule(changes, type, controller);
}

function addToContracts(changes: GameChanges, type: string, handler: string): void {
  const { contract: name, file } = namesOf(type, handler);
  nameHandler(changes, name, `${type}/${file}.contract`);
}

function handlerTest(type: string, handler: string): string {
  const { method } = namesOf(type, handler);
  const controller = `${pascalCase(type)}Controller`;
  return `import { ${controller} } from './${type}.controller.js';

describe('${type}.${handler}', () => {
  it('answers', () => {
    expect(new ${controller}().${method}({ text: 'hello' })).toEqual({ text: 'hello' });
  });
});
`;
}
