import ts from 'typescript';

/** The figures of one file. */
export interface FileMeasures {
  path: string;
  lines: number;
  functions: FunctionMeasure[];
  exports: ExportMeasure[];
  imports: ImportMeasure[];
}

export interface FunctionMeasure {
  /** Left out for a constructor and for a function that is passed on where it is written. */
  name?: string;
  lines: number;
}

export interface ExportMeasure {
  name: string;
  isDocumented: boolean;
}

export interface ImportMeasure {
  specifier: string;
  isTypeOnly: boolean;
}

/** Parses a file by itself: no types are needed to count. */
export function measureFile(path: string, text: string): FileMeasures {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const functions: FunctionMeasure[] = [];
  const visit = (node: ts.Node): void => {
    if (isFunction(node)) functions.push({ name: nameOf(node), lines: linesOf(node, source) });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    functions,
    exports: source.statements.flatMap((statement) => exportsOf(statement)),
    imports: source.statements.flatMap((statement) => importOf(statement)),
  };
}

type WithBody = ts.FunctionLikeDeclaration & { body: ts.Node };

function isFunction(node: ts.Node): node is WithBody {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

/** Its own name, or that of the variable or property which holds it. */
function nameOf(node: WithBody): string | undefined {
  if (ts.isConstructorDeclaration(node)) return undefined;
  if (!ts.isArrowFunction(node) && !ts.isFunctionExpression(node)) return node.name?.getText();
  const { parent } = node;
  const isHeld = ts.isVariableDeclaration(parent) || ts.isPropertyDeclaration(parent);
  return isHeld && ts.isIdentifier(parent.name) ? parent.name.text : undefined;
}

function linesOf(node: ts.Node, source: ts.SourceFile): number {
  const line = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  return line(node.getEnd()) - line(node.getStart(source)) + 1;
}

/** Declarations that are exported where they stand; what an index hands on is counted at its own place. */
function exportsOf(statement: ts.Statement): ExportMeasure[] {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  if (!modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
  const isDocumented = ts.getJSDocCommentsAndTags(statement).length > 0;
  const names = ts.isVariableStatement(statement)
    ? statement.declarationList.declarations.map(({ name }) => name.getText())
    : [(statement as ts.DeclarationStatement).name?.getText() ?? 'default'];
  return names.map((name) => ({ name, isDocumented }));
}

function importOf(statement: ts.Statement): ImportMeasure[] {
  if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
  const { moduleSpecifier } = statement;
  if (!moduleSpecifier || !ts.isStringLiteral(moduleSpecifier)) return [];
  return [{ specifier: moduleSpecifier.text, isTypeOnly: isTypeOnly(statement) }];
}

function isTypeOnly(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly;
  const clause = statement.importClause;
  if (!clause) return false;
  const names = clause.namedBindings;
  const isEachType =
    !clause.name && names && ts.isNamedImports(names) && names.elements.every((name) => name.isTypeOnly);
  return clause.phaseModifier === ts.SyntaxKind.TypeKeyword || isEachType === true;
}
