// The package's types: the client's own declarations, and what they take of libs/protocol, written out in full, so that a
// game needs neither the server's sources nor its decorators.
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
  const program = ts.createProgram(files, {
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
        text.replaceAll("'#contracts'", "'./contracts.js'").replaceAll(/^\/\/# sourceMappingURL.*$/gm, ''),
      ),
    );
  }
  writeFileSync(join(folder, 'contracts.d.ts'), contractTypes(program, files));
}

function contractTypes(program, files) {
  const checker = program.getTypeChecker();
  const types = new Map();
  for (const file of files) {
    for (const statement of program.getSourceFile(file).statements) {
      const from = statement.moduleSpecifier?.text;
      if (from !== '#contracts') continue;
      const names = statement.importClause?.namedBindings ?? statement.exportClause;
      for (const { name } of names.elements) {
        const symbol = checker.getSymbolAtLocation(name);
        const type = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol));
        types.set(name.text, print(checker, type, 0));
      }
    }
  }
  return [...types].map(([name, text]) => `export type ${name} = ${text};\n`).join('');
}

/** A type as text that names nothing but primitives. */
function print(checker, type, depth) {
  if (depth > 12) throw new Error('A contract type refers to itself; write it out by hand.');
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
