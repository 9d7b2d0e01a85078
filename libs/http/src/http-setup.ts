import { resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Config, takeVersionFromPath } from '@ccgame/config';
import type { HttpSetup } from '@ccgame/server';
import { serveApiPage } from './api-page/api-page.js';
import { ForwardRequests } from './forwarding/forward-requests.js';
import { AllowedMethods } from './problems/allowed-methods.js';
import { checkHeads } from './problems/check-heads.js';
import { answerOddRequests, earlyProblems } from './problems/early-problems.js';
import { InputPipe } from './problems/input-pipe.js';
import { MediaTypeGuard } from './problems/media-type.guard.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { refuseUnfitAnswers } from './problems/refuse-unfit-answers.js';
import { countTraffic } from './count-traffic.js';
import { openRequestContexts } from './request-context.js';
import { HTTP_OPTIONS, type HttpOptions } from './http-options.js';

/** More than a request line may hold: what is too long for a name is refused by the rule of that name, as anything else. */
const maxParamLength = 16_384;

/** Everything around the controllers of a server with `HttpModule`: validation, errors as problem details, the API page. */
export const httpSetup: HttpSetup = {
  fastify: { ...earlyProblems, rewriteUrl: takeVersionFromPath, routerOptions: { maxParamLength } },
  setUp,
};

async function setUp(app: NestFastifyApplication): Promise<void> {
  const allowed = new AllowedMethods();
  allowed.listen(app);
  openRequestContexts(app);
  countTraffic(app);
  answerOddRequests(app.getHttpServer());
  checkHeads(app);
  refuseUnfitAnswers(app);
  app.get(ForwardRequests).listen(app);
  app.useGlobalPipes(new InputPipe());
  app.useGlobalGuards(new MediaTypeGuard());
  app.useGlobalFilters(new ProblemFilter(allowed));
  allowOrigins(app);
  const options = app.get<HttpOptions>(HTTP_OPTIONS);
  if (!Config.isProduction) await servePages(app, options);
  if (Config.API_DOCS ?? !Config.isProduction) serveApiPage(app, options);
}

/** Pages of other origins may call from a laptop's server all, from a production server those that are named. */
function allowOrigins(app: NestFastifyApplication): void {
  const origins = Config.CORS_ORIGINS ?? (Config.isProduction ? [] : ['*']);
  if (origins.length === 0) return;
  app.enableCors({
    origin: origins.includes('*') ? true : origins,
    allowedHeaders: ['authorization', 'content-type', 'version'],
    exposedHeaders: ['version', 'retry-after'],
    // A game's own routes have others than the plugin's three.
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    maxAge: 86_400,
    // An OPTIONS that is no browser's question is none to refuse.
    strictPreflight: false,
  });
}

async function servePages(
  app: NestFastifyApplication,
  { pages = [], startPage }: HttpOptions,
): Promise<void> {
  if (startPage !== undefined) leadToPage(app, `/${startPage}/`);
  if (pages.length > 0) answerIconRequests(app);
  for (const { name, folder } of pages) {
    const served = { root: resolve(folder), prefix: `/${name}/`, redirect: true, decorateReply: false };
    await app.register(fastifyStatic, served);
  }
}

/** Every browser asks for one, and shows the 404 as an error in its console. */
function answerIconRequests(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', async ({ url }, reply) => {
    if (url === '/favicon.ico') return reply.code(204).send();
  });
}

/** Load balancers ask for `/` too, but not for a page. */
function leadToPage(app: NestFastifyApplication, path: string): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', async ({ url, method, headers }, reply) => {
    const wantsPage = method === 'GET' && url === '/' && headers.accept?.includes('text/html') === true;
    if (wantsPage) return reply.redirect(path);
  });
}
