import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { Config } from '#config';
import type { HttpSetup } from '#server';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import { earlyProblems } from './problems/early-problems.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { validationPipe } from './problems/validation-pipe.js';
import { countTraffic } from './traffic/count-traffic.js';

/** Everything around the controllers: validation, errors as problem details, the API page. */
export const httpSetup: HttpSetup = { fastify: earlyProblems, setUp };

async function setUp(app: NestFastifyApplication): Promise<void> {
  countTraffic(app);
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter());
  app.enableCors({
    origin: true,
    allowedHeaders: ['authorization', 'content-type', 'version'],
    maxAge: 86_400,
  });
  if (!Config.isProduction) await servePlayPage(app);
  const document = new DocumentBuilder()
    .setTitle('ccgame')
    .setDescription(
      'The short connections of the game: login, client configuration, match results, leaderboards.',
    )
    .setVersion(Config.VERSION)
    .addBearerAuth({ type: 'http', description: 'The server key, for game servers' })
    .build();
  SwaggerModule.setup('docs', app, () => withDtoSchemas(SwaggerModule.createDocument(app, document)));
}

/** The decorators that validate the DTOs describe them too, so that nothing is declared twice. */
function withDtoSchemas(document: OpenAPIObject): OpenAPIObject {
  const schemas = validationMetadatasToSchemas();
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, ...(schemas as object) },
  };
  return document;
}

/** libs/client's page for two tabs; `npm run build` bundles it. */
async function servePlayPage(app: NestFastifyApplication): Promise<void> {
  const folder = join(import.meta.dirname, '..', '..', '..', 'play');
  await app.register(fastifyStatic, { root: folder, prefix: '/play/', redirect: true, decorateReply: false });
}
