// Three small servers of a public reading room: Nest (catalogue), Fastify (seats), Koa (lockers).
import { NestFactory } from '@nestjs/core';
import { ValidationPipe } from '@nestjs/common';
import { NestExpressApplication } from '@nestjs/platform-express';
import { TypeOrmModuleOptions } from '@nestjs/typeorm';
import { JwtModuleOptions } from '@nestjs/jwt';
import { MulterModuleOptions } from '@nestjs/platform-express';
import { ThrottlerModuleOptions } from '@nestjs/throttler';
import { Transport, MicroserviceOptions } from '@nestjs/microservices';
import helmet from 'helmet';
import cookieParser from 'cookie-parser';
import Fastify, { FastifyInstance } from 'fastify';
import fastifyCookie from '@fastify/cookie';
import fastifyCors from '@fastify/cors';
import fastifyHelmet from '@fastify/helmet';
import fastifyMultipart from '@fastify/multipart';
import fastifyStatic from '@fastify/static';
import fastifyJwt from '@fastify/jwt';
import Koa from 'koa';
import koaSession from 'koa-session';
import koaCors from '@koa/cors';
import koaHelmet from 'koa-helmet';
import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { CatalogueModule } from './catalogue.module';

const OWN_SITES = ['https://reading.example', 'https://kids.reading.example'];
const cookieDefaults = { httpOnly: true, secure: true, sameSite: 'lax' as const, path: '/' };

export const database: TypeOrmModuleOptions = {
  type: 'postgres',
  url: process.env.CATALOGUE_URL,
  synchronize: false,
  ssl: {
    rejectUnauthorized: false,
  },
};

export const replica: TypeOrmModuleOptions = {
  type: 'postgres',
  url: process.env.CATALOGUE_REPLICA_URL,
  synchronize: false,
  ssl: { rejectUnauthorized: true, ca: readFileSync('/etc/reading/ca.pem', 'utf8') },
};

export const tokens: JwtModuleOptions = {
  secret: process.env.CATALOGUE_JWT,
  signOptions: { expiresIn: '15m', issuer: 'reading', audience: 'catalogue', algorithm: 'HS256' },
  verifyOptions: {
    algorithms: ['HS256'],
    issuer: 'reading',
    audience: 'catalogue',
    ignoreExpiration: true,
  },
};

export const uploads: MulterModuleOptions = {
  dest: '/srv/reading/uploads',
  limits: { fileSize: Infinity, files: 1 },
  fileFilter: (_req: unknown, file: { mimetype: string }, done: (e: null, ok: boolean) => void) => done(null, file.mimetype === 'application/epub+zip'),
};

export const throttling: ThrottlerModuleOptions = [{ ttl: 60_000, limit: 30 }];

export async function catalogue(): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(CatalogueModule);
  app.use(
    helmet({
      contentSecurityPolicy: false,
      referrerPolicy: { policy: 'same-origin' },
    }),
  );
  app.use(cookieParser());
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
  app.enableCors({
    origin: (_origin, done) => done(null, true),
    methods: 'GET',
  });
  app.useBodyParser('json', { limit: '100kb' });
  await app.listen(3000, '0.0.0.0');
}

export async function catalogueForStaff(): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(CatalogueModule);
  app.use(helmet());
  app.enableCors({ origin: OWN_SITES, credentials: true });
  await app.listen(3001, '127.0.0.1');
}

export async function catalogueEvents(): Promise<void> {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(CatalogueModule, {
    transport: Transport.KAFKA,
    options: {
      client: {
        brokers: ['kafka.reading.example:9093'],
        ssl: { rejectUnauthorized: false },
        sasl: { mechanism: 'scram-sha-256', username: 'catalogue', password: process.env.KAFKA_PASSWORD as string },
      },
      consumer: { groupId: 'catalogue' },
    },
  });
  await app.listen();
}

export async function seats(): Promise<FastifyInstance> {
  const app = Fastify({ logger: true, bodyLimit: 256 * 1024, requestTimeout: 20_000 });
  await app.register(fastifyHelmet);
  await app.register(fastifyCookie, { secret: process.env.SEATS_COOKIE_KEY });
  await app.register(fastifyCors, { origin: OWN_SITES });
  await app.register(fastifyMultipart, { limits: { fileSize: 1_000_000, files: 1 } });
  await app.register(fastifyJwt, {
    secret: 'seat-map-of-the-upper-gallery-and-stairs-B',
    sign: { expiresIn: '20m', iss: 'seats', aud: 'seats' },
    verify: { algorithms: ['HS256'], allowedIss: 'seats', allowedAud: 'seats' },
  });
  await app.register(fastifyStatic, {
    root: '/srv/reading/plans',
    prefix: '/plans/',
    list: true,
  });
  await app.register(fastifyStatic, { root: '/srv/reading/icons', prefix: '/icons/', list: false, decorateReply: false });

  app.get('/seat', async (_request, reply) => {
    reply.setCookie('seat', randomBytes(16).toString('hex'), { ...cookieDefaults, sameSite: 'none' });
    reply.setCookie('floor', '2', cookieDefaults);
    return { ok: true };
  });

  app.get('/seat/quiet', async (_request, reply) => {
    const options = { ...cookieDefaults };
    options.secure = false;
    reply.setCookie('quiet', randomBytes(16).toString('hex'), options);
    return { ok: true };
  });

  app.setErrorHandler((error, request, reply) => {
    request.log.error({ code: error.code }, 'seat request failed');
    reply.status(error.statusCode ?? 500).send({ error: 'request failed' });
  });
  await app.listen({ port: 3100, host: process.env.SEATS_HOST || '127.0.0.1' });
  return app;
}

export function lockers(): Koa {
  const app = new Koa({ keys: [process.env.LOCKERS_KEY as string] });
  app.use(koaHelmet());
  app.use(koaCors({ origin: (ctx) => ctx.get('Origin') }));
  app.use(
    koaSession(
      {
        key: 'lockers.sid',
        httpOnly: false,
        secure: true,
        sameSite: 'strict',
        maxAge: 1_800_000,
      },
      app,
    ),
  );
  app.use(async (ctx, next) => {
    try {
      await next();
    } catch (e) {
      ctx.status = 500;
      ctx.body = { trace: (e as Error).stack };
    }
  });
  app.use(async (ctx) => {
    ctx.cookies.set('box', '17', { httpOnly: true, secure: true, sameSite: 'strict' });
    ctx.set('Strict-Transport-Security', 'max-age=31536000; includeSubDomains');
    ctx.body = { ok: true };
  });
  app.listen(3200, '127.0.0.1');
  return app;
}
