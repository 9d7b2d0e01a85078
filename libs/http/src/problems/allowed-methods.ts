import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Knows the methods of each path, for the answer to a request with another one: RFC 9110, section 15.5.6. */
export class AllowedMethods {
  /** The words of each path, and its methods; `:board` stands for any word. */
  private readonly paths = new Map<string, { words: string[]; methods: Set<string> }>();

  /** To be called before the routes are registered. */
  listen(app: NestFastifyApplication): void {
    const fastify = app.getHttpAdapter().getInstance();
    fastify.addHook('onRoute', ({ url, method }) => {
      if (url.includes('*')) return;
      const path = this.paths.get(url) ?? { words: url.split('/'), methods: new Set() };
      for (const each of [method].flat()) path.methods.add(each);
      this.paths.set(url, path);
    });
  }

  /** The methods that a path is served with; empty for an unknown path. */
  methodsOf(url: string): string[] {
    const [path = ''] = url.split('?', 1);
    const words = path.split('/');
    const fitting = [...this.paths.values()].filter((known) => fits(known.words, words));
    return [...new Set(fitting.flatMap(({ methods }) => [...methods]))].sort();
  }
}

function fits(pattern: string[], words: string[]): boolean {
  return (
    pattern.length === words.length &&
    pattern.every((word, index) => word === words[index] || (word.startsWith(':') && words[index] !== ''))
  );
}
