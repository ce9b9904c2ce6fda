import { readFile } from 'node:fs/promises';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import path from 'node:path';
import Fastify from 'fastify';
import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import view from '@fastify/view';
import ejs from 'ejs';
import Handlebars from 'handlebars';
import knexFactory from 'knex';
import { z } from 'zod';

const knex = knexFactory({ client: 'pg', connection: process.env.MUSEUM_DB, pool: { min: 0, max: 8 } });
const server = Fastify({ logger: true, bodyLimit: 512 * 1024, requestTimeout: 20_000 });

await server.register(helmet, {
  contentSecurityPolicy: {
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'", "'unsafe-inline'"],
      styleSrc: ["'self'"],
    },
  },
});
await server.register(rateLimit, { max: 100, timeWindow: '1 minute' });
await server.register(cookie, { secret: process.env.COOKIE_SECRET });
await server.register(cors, { origin: ['https://museum.example'], credentials: true });
await server.register(fastifyStatic, { root: '/srv/museum/public', list: true });
await server.register(view, { engine: { ejs } });

const labelQuery = z.object({ room: z.enum(['stone', 'bronze', 'iron']), page: z.coerce.number().int() });

server.get('/exhibits', async (request) => {
  const { room, page } = labelQuery.parse(request.query);
  return knex.raw(`SELECT id, name FROM exhibits_${room} LIMIT 20 OFFSET ${page * 20}`);
});

server.get('/exhibits/named', async (request) => {
  return knex('exhibits').where({ name: String(request.query.name) }).select('id', 'room');
});

server.get('/exhibits/near', async (request) => {
  const { place } = request.query;
  return knex('exhibits').whereRaw(`lower(found_at) = lower('${place}')`).select('id');
});

server.get('/exhibits/near-bound', async (request) => {
  const { place } = request.query;
  return knex('exhibits').whereRaw('lower(found_at) = lower(?)', [place]).select('id');
});

server.get('/exhibits/era', async (request) => {
  const query = request.query;
  const filters = ['hidden = false'];
  if (query.era) filters.push("era = '" + query.era + "'");
  const { rows } = await knex.raw('SELECT id FROM exhibits WHERE ' + filters.join(' AND '));
  return rows;
});

server.get('/label', async (request, reply) => {
  reply.type('text/html');
  return `<h3>${request.query.title}</h3>`;
});

server.get('/label/view', async (request, reply) => {
  return reply.view('/templates/label.ejs', { title: request.query.title });
});

server.get('/label/compiled', async (request, reply) => {
  const template = Handlebars.compile('<h3>{{title}}</h3>');
  return reply.type('text/html').send(template({ title: request.query.title }));
});

server.get('/label/unescaped', async (request, reply) => {
  const template = Handlebars.compile('<h3>{{title}}</h3>', { noEscape: true });
  return reply.type('text/html').send(template({ title: 'Stone age' }));
});

server.post('/label/design', async (request, reply) => {
  const html = ejs.render(request.body.layout, { rooms: 12 });
  return reply.send({ preview: html });
});

server.get('/audio', async (request, reply) => {
  const file = await readFile(`/srv/museum/audio/${request.query.track}`);
  return reply.type('audio/ogg').send(file);
});

server.get('/audio/:number', async (request, reply) => {
  const number = Number(request.params.number);
  if (!Number.isInteger(number)) return reply.code(400).send({ error: 'number' });
  const file = await readFile(path.join('/srv/museum/audio', `${number}.ogg`));
  return reply.type('audio/ogg').send(file);
});

server.get('/guide', async (request, reply) => {
  return reply.redirect(request.query.lang === 'de' ? '/de/guide' : '/en/guide');
});

server.get('/shop', async (request, reply) => {
  return reply.redirect('https://' + request.query.shop);
});

server.post('/visit', async (request, reply) => {
  reply.setCookie('museum_session', randomBytes(32).toString('hex'), {
    path: '/',
    secure: true,
    httpOnly: true,
    sameSite: 'none',
  });
  reply.setCookie('audio_session', randomBytes(32).toString('hex'), { path: '/audio', secure: true, httpOnly: true, sameSite: 'strict' });
  return { ok: true };
});

server.get('/maps', async (request, reply) => {
  reply.header('X-Floor', request.query.floor);
  reply.header('X-Rooms', String(Number(request.query.rooms)));
  return { floors: 4 };
});

server.post('/search', async (request) => {
  const pattern = new RegExp(request.body.words, 'i');
  const names = await knex('exhibits').pluck('name');
  return names.filter((n) => pattern.test(n));
});

server.post('/search/words', async (request) => {
  const words = String(request.body.words).toLowerCase();
  const pattern = /^[a-z ]{1,80}$/;
  const names = await knex('exhibits').pluck('name');
  return pattern.test(words) ? names.filter((n) => n.includes(words)) : [];
});

server.post('/hooks/climate', async (request, reply) => {
  const secret = process.env.CLIMATE_HOOK_SECRET;
  if (request.headers['x-hook-secret'] !== secret) return reply.code(401).send();
  return { ok: true };
});

server.post('/hooks/alarm', async (request, reply) => {
  const given = Buffer.from(String(request.headers['x-hook-secret']));
  const secret = Buffer.from(process.env.ALARM_HOOK_SECRET);
  if (given.length !== secret.length || !timingSafeEqual(given, secret)) return reply.code(401).send();
  return { ok: true };
});

await server.listen({ port: 8090, host: '127.0.0.1' });
