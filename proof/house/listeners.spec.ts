import ts from 'typescript';
import { readWorkingTree } from './source-tree.js';

const listens = /\.(?:on[A-Z]\w*|on|once|addListener|subscribe)\(|setInterval\(/;

/** Providers whose constructor listens or sets a timer: then Nest's hooks don't end what Nest's hooks didn't begin (decision 293). */
function providersThatListen(path: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isClassDeclaration(node) && isProvider(node)) {
      const maker = node.members.find(ts.isConstructorDeclaration);
      if (maker?.body && listens.test(maker.body.getText())) found.push(`${path}: ${node.name?.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return found;
}

function isProvider(node: ts.ClassDeclaration): boolean {
  const names = (ts.getDecorators(node) ?? []).map(({ expression }) => expression.getText());
  return names.some((name) => /^(?:Injectable|Controller|WebSocketGateway)\(/.test(name));
}

describe('a provider', () => {
  it('registers its listeners in lifecycle hooks, not in its constructor', () => {
    expect([...readWorkingTree()].flatMap(([path, text]) => providersThatListen(path, text))).toEqual([]);
  });

  it.each([
    'this.end = health.onChange(() => this.known.clear());',
    'nats.subscribe("a", {});',
    'this.timer = setInterval(() => this.prune(), 60_000);',
  ])('is found by: %s', (statement) => {
    const text = `@Injectable() class Bindings { constructor(health: Health) { ${statement} } }`;
    expect(providersThatListen('a.ts', text)).toEqual(['a.ts: Bindings']);
  });
});
