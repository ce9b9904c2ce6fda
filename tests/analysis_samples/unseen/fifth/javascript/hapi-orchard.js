'use strict';

const Hapi = require('@hapi/hapi');
const Inert = require('@hapi/inert');
const Vision = require('@hapi/vision');
const Boom = require('@hapi/boom');
const Hoek = require('@hapi/hoek');
const Cookie = require('@hapi/cookie');
const Wreck = require('@hapi/wreck');
const Joi = require('joi');
const Path = require('path');
const Fs = require('fs/promises');
const sqlite3 = require('sqlite3');
const Handlebars = require('handlebars');

const db = new sqlite3.Database('/srv/orchard/trees.db');
const MAPS = '/srv/orchard/maps';
const NEIGHBOURS = { hill: 'https://hill.orchards.example', lake: 'https://lake.orchards.example' };

const all = (sql, params = []) => new Promise((resolve, reject) => {
  db.all(sql, params, (err, rows) => (err ? reject(err) : resolve(rows)));
});

const routes = [
  {
    method: 'GET',
    path: '/trees',
    options: { validate: { query: Joi.object({ sort: Joi.string().valid('name', 'year').default('name'), row: Joi.number().integer() }) } },
    handler: (request) => new Promise((resolve, reject) => {
      const { sort, row } = request.query;
      db.all(`SELECT id FROM trees WHERE row_no = ${row} ORDER BY ${sort}`, (err, rows) => (err ? reject(err) : resolve(rows)));
    }),
  },
  {
    method: 'GET',
    path: '/trees/sort/{name}',
    handler: (request) => all("SELECT id FROM trees WHERE sort = '" + request.params.name + "'"),
  },
  {
    method: 'GET',
    path: '/trees/owner/{name}',
    handler: (request) => new Promise((resolve, reject) => {
      db.get('SELECT id FROM trees WHERE owner = $owner', { $owner: request.params.name }, (err, one) => (err ? reject(err) : resolve(one)));
    }),
  },
  {
    method: 'GET',
    path: '/sign',
    handler: (request, h) => h.response(`<h1>${request.query.text}</h1>`).type('text/html'),
  },
  {
    method: 'GET',
    path: '/sign/escaped',
    handler: (request, h) => h.response(`<h1>${Hoek.escapeHtml(request.query.text)}</h1>`).type('text/html'),
  },
  {
    method: 'GET',
    path: '/sign/view',
    handler: (request, h) => h.view('sign', { text: request.query.text }),
  },
  {
    method: 'GET',
    path: '/away',
    handler(request, h) {
      const { to } = request.query;
      return h.redirect(to);
    },
  },
  {
    method: 'GET',
    path: '/home',
    handler: (request, h) => h.redirect(request.query.lang === 'fr' ? '/fr' : '/en').permanent(),
  },
  {
    method: 'GET',
    path: '/maps/{file*}',
    handler: { directory: { path: MAPS, listing: true } },
  },
  {
    method: 'GET',
    path: '/plans/{file*}',
    handler: { directory: { path: '/srv/orchard/plans', listing: false, index: ['index.html'] } },
  },
  {
    method: 'GET',
    path: '/map',
    handler: async (request) => Fs.readFile(Path.join(MAPS, request.query.name)),
  },
  {
    method: 'GET',
    path: '/map/{year}',
    options: { validate: { params: Joi.object({ year: Joi.number().integer().min(1900) }) } },
    handler: async (request) => Fs.readFile(Path.join(MAPS, `${request.params.year}.png`)),
  },
  {
    method: 'GET',
    path: '/neighbour',
    handler: async (request) => {
      const base = NEIGHBOURS[request.query.name];
      Hoek.assert(base, Boom.notFound());
      const { payload } = await Wreck.get(base + '/trees', { timeout: 4000, json: true });
      return payload;
    },
  },
  {
    method: 'POST',
    path: '/neighbour',
    handler: async (request) => {
      const { payload } = await Wreck.get(request.payload.address, { timeout: 4000, json: true });
      return { received: Boolean(payload) };
    },
  },
  {
    method: 'POST',
    path: '/photos',
    options: { payload: { maxBytes: Infinity, output: 'stream', parse: true, multipart: true } },
    handler: () => ({ ok: true }),
  },
  {
    method: 'POST',
    path: '/notes',
    options: { payload: { maxBytes: 64 * 1024, allow: ['application/json'] } },
    handler: (request) => {
      request.server.log(['note'], { length: String(request.payload.note).length });
      return { ok: true };
    },
  },
];

async function start() {
  const server = Hapi.server({
    port: 8000,
    host: '127.0.0.1',
    routes: {
      cors: { origin: ['https://orchard.example'], credentials: true },
      security: { hsts: { maxAge: 31536000, includeSubDomains: true }, xframe: 'deny', noSniff: true, referrer: 'no-referrer' },
    },
  });
  const open = Hapi.server({
    port: 8001,
    host: '127.0.0.1',
    routes: {
      cors: { origin: ['*'] },
      security: { hsts: { maxAge: 600, includeSubDomains: true }, xframe: 'deny', noSniff: true, referrer: 'no-referrer' },
    },
  });
  await server.register([Inert, Vision, Cookie]);
  server.views({ engines: { html: Handlebars }, path: '/srv/orchard/views' });
  server.auth.strategy('session', 'cookie', {
    cookie: {
      name: 'orchard-session',
      password: process.env.ORCHARD_COOKIE_PASSWORD,
      isSecure: true,
      isHttpOnly: true,
      isSameSite: 'Lax',
    },
  });
  server.auth.strategy('pickers', 'cookie', {
    cookie: {
      name: 'picker-session',
      password: process.env.ORCHARD_COOKIE_PASSWORD,
      isSecure: false,
      isHttpOnly: true,
      isSameSite: 'Strict',
    },
  });
  server.state('picker-token', { isSecure: true, isHttpOnly: true, isSameSite: false });
  server.route(routes);
  await server.start();
  return [server, open];
}

module.exports = { start };
