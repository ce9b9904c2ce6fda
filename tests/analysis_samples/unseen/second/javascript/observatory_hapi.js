'use strict';

const Hapi = require('@hapi/hapi');
const Inert = require('@hapi/inert');
const Joi = require('joi');
const Boom = require('@hapi/boom');
const Hoek = require('@hapi/hoek');
const fs = require('fs');
const Path = require('path');
const { Sequelize, QueryTypes, Op } = require('sequelize');

const sequelize = new Sequelize('observatory', 'observer', process.env.OBSERVATORY_DB_PASSWORD, {
  host: process.env.OBSERVATORY_DB_HOST,
  dialect: 'postgres',
  logging: false,
  dialectOptions: { ssl: { ca: fs.readFileSync('/etc/observatory/ca.pem') }, connectionTimeoutMillis: 5000 },
});

const IMAGES = '/srv/observatory/images';
const FILTERS = { h: 'h-alpha', o: 'oxygen', s: 'sulphur' };

async function plates(request) {
  return sequelize.query('SELECT id, taken_at FROM plate WHERE target = :target', {
    replacements: { target: request.query.target },
    type: QueryTypes.SELECT,
  });
}

async function platesByObserver(request) {
  const observer = request.query.observer;
  const statement = ["SELECT id FROM plate WHERE observer = '", observer, "'"].join('');
  return sequelize.query(statement, { type: QueryTypes.SELECT });
}

async function platesByFilter(request) {
  const filter = request.params.filter === 'o' ? FILTERS.o : FILTERS.h;
  return sequelize.query(`SELECT id FROM plate WHERE filter = '${filter}'`, { type: QueryTypes.SELECT });
}

async function brightest(request) {
  const limit = Math.min(100, Number.parseInt(request.query.limit, 10) || 10);
  const { Star } = sequelize.models;
  return Star.findAll({ attributes: ['name'], where: { magnitude: { [Op.lt]: 6 } }, limit });
}

async function nearest(request) {
  const { Star } = sequelize.models;
  return Star.findAll({
    attributes: ['name'],
    where: sequelize.literal(`distance < ${request.query.parsec}`),
    limit: 20,
  });
}

function image(request, h) {
  const full = Path.normalize(Path.join(IMAGES, request.params.name));
  if (!full.startsWith(`${IMAGES}/`)) {
    throw Boom.notFound();
  }
  return h.file(full, { confine: IMAGES });
}

function rawFrame(request, h) {
  const stream = fs.createReadStream(`${IMAGES}/raw/${request.query.frame}`);
  return h.response(stream).type('image/fits');
}

function caption(request, h) {
  return h.response(`<figcaption>${Hoek.escapeHtml(request.query.text)}</figcaption>`).type('text/html');
}

function title(request, h) {
  const { text } = request.query;
  return h.response('<h2>' + text + '</h2>').type('text/html');
}

function visit(request, h) {
  return h.redirect(request.query.site);
}

function dome(request, h) {
  const places = new Map([['north', '/domes/north'], ['south', '/domes/south']]);
  return h.redirect(places.get(request.query.dome) ?? '/domes');
}

function register(server) {
  server.route([
    { method: 'GET', path: '/plates', handler: plates, options: { validate: { query: Joi.object({ target: Joi.string().max(40) }) } } },
    { method: 'GET', path: '/plates/observer', handler: platesByObserver },
    { method: 'GET', path: '/plates/filter/{filter}', handler: platesByFilter },
    { method: 'GET', path: '/stars/brightest', handler: brightest },
    { method: 'GET', path: '/stars/nearest', handler: nearest },
    { method: 'GET', path: '/images/{name}', handler: image },
    { method: 'GET', path: '/frames', handler: rawFrame },
    { method: 'GET', path: '/caption', handler: caption },
    { method: 'GET', path: '/title', handler: title },
    { method: 'GET', path: '/visit', handler: visit },
    { method: 'GET', path: '/dome', handler: dome },
    {
      method: 'GET',
      path: '/logs/{param*}',
      handler: { directory: { path: '/srv/observatory/logs', listing: true } },
    },
    {
      method: 'GET',
      path: '/charts/{param*}',
      handler: { directory: { path: '/srv/observatory/charts', listing: false } },
    },
  ]);
}

async function start() {
  const server = Hapi.server({
    port: 8443,
    host: '127.0.0.1',
    tls: {
      key: fs.readFileSync('/etc/observatory/tls.key'),
      cert: fs.readFileSync('/etc/observatory/tls.crt'),
      minVersion: 'TLSv1.2',
    },
    routes: {
      security: {
        hsts: { maxAge: 31536000, includeSubDomains: true },
        xframe: 'deny',
        noSniff: true,
        referrer: 'same-origin',
      },
      cors: { origin: ['https://sternwarte.example'], credentials: true },
      payload: { maxBytes: 512 * 1024 },
      timeout: { server: 20000 },
    },
  });
  await server.register(Inert);
  server.state('night', { isSecure: true, isHttpOnly: true, isSameSite: 'Strict', ttl: 3600000 });
  server.state('guest', {
    isSecure: true,
    isHttpOnly: true,
    isSameSite: false,
  });
  server.state('panel', {
    isSecure: false,
    isHttpOnly: true,
    isSameSite: 'Lax',
  });
  server.ext('onPreResponse', (_request, h) => {
    const { response } = _request;
    if (!response.isBoom) {
      response.header('Content-Security-Policy', "default-src 'self'; frame-ancestors 'none'");
    }
    return h.continue;
  });
  register(server);
  await server.start();
  return server;
}

module.exports = { start };
