import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const kindsOf = (text: string): ts.SyntaxKind[] =>
  ts.createSourceFile('main.ts', text, ts.ScriptTarget.Latest).statements.map(({ kind }) => kind);

describe('the entry of each app', () => {
  it.each(readdirSync('apps'))('has three statements: environment, import and start: %s', (app) => {
    expect(kindsOf(readFileSync(join('apps', app, 'src', 'main.ts'), 'utf8'))).toEqual([
      ts.SyntaxKind.ImportDeclaration,
      ts.SyntaxKind.ImportDeclaration,
      ts.SyntaxKind.ExpressionStatement,
    ]);
  });
});
