// The package's types: the client's own declarations, and what they take of libs/protocol and of the game, written out in
// full, so that a game's client needs neither the servers' sources nor their decorators.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';

export function writeTypes(root, folder) {
  mkdirSync(folder, { recursive: true });
  const sources = join(root, 'libs', 'client', 'src');
  const files = readdirSync(sources)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => join(sources, name));
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const game = join(root, 'game', 'src', 'contracts.ts');
  const program = ts.createProgram([...files, game], {
    ...options,
    declaration: true,
    emitDeclarationOnly: true,
    incremental: false,
    tsBuildInfoFile: undefined,
    stripInternal: true,
  });
  for (const file of files) {
    program.emit(program.getSourceFile(file), (_, text) =>
      writeFileSync(
        join(folder, basename(file).replace('.ts', '.d.ts')),
        text
          .replaceAll("'@ccgame/protocol'", "'./contracts.js'")
          .replaceAll(/^\/\/# sourceMappingURL.*$/gm, ''),
      ),
    );
  }
  writeFileSync(join(folder, 'contracts.d.ts'), contractTypes(program, files, game));
}

/** The types of the protocol by name; `AnyGame`, which the client takes unless told otherwise, is this game. */
function contractTypes(program, files, game) {
  const checker = program.getTypeChecker();
  const types = new Map();
  for (const file of files) {
    for (const statement of program.getSourceFile(file).statements) {
      if (statement.moduleSpecifier?.text !== '@ccgame/protocol') continue;
      const names = statement.importClause?.namedBindings ?? statement.exportClause;
      for (const { name } of names.elements) {
        const symbol = checker.getAliasedSymbol(checker.getSymbolAtLocation(name));
        types.set(name.text, declarationOf(checker, name.text, symbol));
      }
    }
  }
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(game)));
  const own = checker.getDeclaredTypeOfSymbol(exported.find(({ name }) => name === 'Game'));
  types.set('AnyGame', `export type AnyGame = ${print(checker, own, 0)};`);
  return [...types.values()].map((text) => `${text}\n`).join('');
}

/** One with parameters stays as it is written; another is written out. */
function declarationOf(checker, name, symbol) {
  const [declaration] = symbol.declarations;
  const staysAsWritten = declaration.typeParameters || name === 'GameTypes' || namesItself(declaration);
  if (staysAsWritten) return declaration.getText();
  return `export type ${name} = ${print(checker, checker.getDeclaredTypeOfSymbol(symbol), 0)};`;
}

/** One that contains itself can't be written out. */
function namesItself(declaration) {
  const name = declaration.name?.text;
  return ts.isInterfaceDeclaration(declaration) && declaration.members.some((one) => mentions(one, name));
}

function mentions(node, name) {
  if (ts.isTypeReferenceNode(node) && node.typeName.getText() === name) return true;
  return ts.forEachChild(node, (child) => mentions(child, name)) ?? false;
}

/** A type as text that names nothing but primitives, and types that contain themselves. */
function print(checker, type, depth) {
  if (depth > 12) throw new Error('A contract type refers to itself; write it out by hand.');
  const [declaration] = type.symbol?.declarations ?? [];
  if (declaration && namesItself(declaration)) return type.symbol.name;
  if (type.isUnion()) return type.types.map((one) => print(checker, one, depth + 1)).join(' | ');
  if (!(type.flags & ts.TypeFlags.Object)) return checker.typeToString(type);
  if (checker.isArrayType(type))
    return `Array<${print(checker, checker.getTypeArguments(type)[0], depth + 1)}>`;
  const indent = '  '.repeat(depth + 1);
  const fields = checker.getPropertiesOfType(type).map((symbol) => {
    const isOptional = Boolean(symbol.flags & ts.SymbolFlags.Optional);
    const field = checker.getTypeOfSymbol(symbol);
    const text = print(checker, isOptional ? checker.getNonNullableType(field) : field, depth + 1);
    const comment = ts.displayPartsToString(symbol.getDocumentationComment(checker));
    const doc = comment && `${indent}/** ${comment.replaceAll('\n', ' ')} */\n`;
    return `${doc}${indent}${JSON.stringify(symbol.name)}${isOptional ? '?' : ''}: ${text};\n`;
  });
  const index = checker.getIndexInfosOfType(type).map(({ keyType, type: value }) => {
    return `${indent}[key: ${checker.typeToString(keyType)}]: ${print(checker, value, depth + 1)};\n`;
  });
  return `{\n${[...fields, ...index].join('')}${'  '.repeat(depth)}}`;
}
