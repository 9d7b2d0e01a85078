import { mayDecorate } from './compile-decorators.js';

describe('a source that goes through swc', () => {
  it.each([
    '@Injectable()\nexport class A {}',
    'class A {\n  constructor(@Inject(token) private readonly a: A, @Optional() b?: B) {}\n}',
    'class A {\n  @IsInt() eyes: number;\n}',
    '/** Its mark. */ @Entity(counter)\nclass A {}',
    '/**\n * Its mark.\n */ @Entity(counter)\nclass A {}',
    '@sealed\nclass A {}',
    'export default @sealed class A {}',
  ])('has a decorator: %j', (source) => {
    expect(mayDecorate(source)).toBe(true);
  });

  it.each([
    '/** @param a its name @throws Error */\nexport const a = 1;',
    '/**\n * What it is.\n *\n * @param a its name\n */\nexport const a = 1;',
    '// @ts-expect-error -- so\nexport const a = 1;',
    "import { a } from '@ccgame/rpc';\nexport const mail = 'a@b.example';",
  ])('is none without one: %j', (source) => {
    expect(mayDecorate(source)).toBe(false);
  });
});
