import { readFileSync } from 'node:fs';
import Fastify, { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import helmet from '@fastify/helmet';
import cors from '@fastify/cors';
import cookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import fastifyStatic from '@fastify/static';
import rateLimit from '@fastify/rate-limit';
import postgres from 'postgres';

const HALF_YEAR = 15552000;
const TWO_YEARS = 63072000;

const sql = postgres({
  host: process.env.WAREHOUSE_DB,
  username: 'warehouse',
  password: process.env.WAREHOUSE_DB_PASSWORD,
  max: 10,
  connect_timeout: 5,
  ssl: { ca: readFileSync('/etc/warehouse/ca.pem') },
});

const tlsFiles = {
  key: readFileSync('/etc/warehouse/tls.key'),
  cert: readFileSync('/etc/warehouse/tls.crt'),
};

interface BinQuery {
  bin: string;
  direction?: string;
}

async function binRoutes(app: FastifyInstance): Promise<void> {
  app.get<{ Querystring: BinQuery }>('/bins', async (request) => {
    const { bin } = request.query;
    return sql`SELECT id, sku, amount FROM bin WHERE code = ${bin}`;
  });

  app.get<{ Querystring: BinQuery }>('/bins/sorted', async (request) => {
    const direction = request.query.direction === 'down' ? 'DESC' : 'ASC';
    return sql.unsafe(`SELECT id, sku FROM bin ORDER BY amount ${direction}`);
  });

  app.get<{ Querystring: BinQuery }>('/bins/raw', async (request) => {
    const text = `SELECT id, sku FROM bin WHERE code = '${request.query.bin}'`;
    return sql.unsafe(text);
  });

  app.get<{ Params: { id: string } }>('/bins/:id', async (request) => {
    return sql.unsafe('SELECT id, sku FROM bin WHERE id = $1', [Number(request.params.id)]);
  });

  app.get<{ Querystring: { to: string } }>('/move', async (request, reply) => {
    return reply.redirect(request.query.to);
  });

  app.get('/home', async (_request: FastifyRequest, reply: FastifyReply) => reply.redirect('/bins'));

  app.get<{ Querystring: { sku: string } }>('/sticker', async (request, reply) => {
    const html = `<div class="sticker">${request.query.sku}</div>`;
    return reply.type('text/html').send(html);
  });

  app.get<{ Querystring: { sku: string } }>('/sticker.json', async (request) => ({ sku: request.query.sku }));
}

export async function buildDesk(): Promise<FastifyInstance> {
  const app = Fastify({
    https: tlsFiles,
    bodyLimit: 256 * 1024,
    connectionTimeout: 20_000,
    requestTimeout: 30_000,
    logger: true,
  });
  await app.register(helmet, {
    strictTransportSecurity: { maxAge: TWO_YEARS, includeSubDomains: true },
    contentSecurityPolicy: { directives: { defaultSrc: ["'self'"], scriptSrc: ["'self'"] } },
  });
  await app.register(cors, { origin: ['https://desk.lagerhaus.example'], credentials: true });
  await app.register(rateLimit, { max: 100, timeWindow: '1 minute' });
  await app.register(cookie);
  await app.register(fastifySession, {
    secret: process.env.DESK_SESSION_SECRET as string,
    cookie: { secure: true, httpOnly: true, sameSite: 'strict', maxAge: 1_800_000 },
  });
  await app.register(fastifyStatic, { root: '/srv/warehouse/manuals', prefix: '/manuals/' });
  await app.register(binRoutes, { prefix: '/api' });
  return app;
}

export async function buildTerminal(): Promise<FastifyInstance> {
  const app = Fastify({
    https: {
      ...tlsFiles,
      minVersion: 'TLSv1.1',
    },
    bodyLimit: Number.MAX_SAFE_INTEGER,
    connectionTimeout: 20_000,
    requestTimeout: 30_000,
  });
  await app.register(helmet, {
    hsts: {
      maxAge: HALF_YEAR,
      includeSubDomains: false,
    },
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", "'unsafe-eval'"],
      },
    },
    noSniff: false,
  });
  await app.register(cors, {
    origin: /.*/,
    credentials: true,
  });
  await app.register(cookie);
  await app.register(fastifySession, {
    secret: 'pallet-jack-0942-forklift-and-ramp-east',
    cookie: {
      secure: false,
      httpOnly: true,
      sameSite: 'none',
    },
  });
  await app.register(fastifyStatic, {
    root: '/srv/warehouse/exports',
    prefix: '/exports/',
    index: false,
    list: true,
  });
  app.setErrorHandler((error, _request, reply) => {
    reply.status(500).send({ message: 'terminal error', trace: error.stack });
  });
  return app;
}

export async function main(): Promise<void> {
  const desk = await buildDesk();
  desk.setErrorHandler((error, request, reply) => {
    request.log.error({ code: error.code }, 'desk request failed');
    reply.status(error.statusCode ?? 500).send({ message: 'request failed' });
  });
  await desk.listen({ port: 8443, host: '127.0.0.1' });
  const terminal = await buildTerminal();
  await terminal.listen({ port: 9443, host: '0.0.0.0' });
}
