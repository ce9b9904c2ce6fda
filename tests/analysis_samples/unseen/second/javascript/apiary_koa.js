'use strict';

const { readFileSync } = require('fs');
const Router = require('@koa/router');
const { koaBody } = require('koa-body');
const knexFactory = require('knex');
const he = require('he');
const log = require('loglevel');

const knex = knexFactory({
  client: 'pg',
  connection: {
    host: process.env.APIARY_DB,
    user: 'apiary',
    password: process.env.APIARY_DB_PASSWORD,
    database: 'apiary',
    connectionTimeoutMillis: 5000,
    ssl: { ca: readFileSync('/etc/apiary/ca.pem') },
  },
  pool: { min: 0, max: 8 },
});

const router = new Router({ prefix: '/apiary' });
router.use(koaBody({ multipart: false, jsonLimit: '32kb', formLimit: '32kb' }));

const COLUMNS = ['name', 'placed_at', 'queen_year'];
const PAGES = { hives: '/apiary/hives', harvest: '/apiary/harvest' };

function oneLine(text) {
  return encodeURIComponent(String(text));
}

function hiveByName(name) {
  return knex('hive').where({ name }).first();
}

function hivesRaw(condition) {
  return knex.raw('select id, name from hive where ' + condition);
}

router.get('/hives/:name', async (ctx) => {
  const hive = await hiveByName(ctx.params.name);
  if (!hive) {
    log.info(`no hive ${oneLine(ctx.params.name)}`);
    ctx.throw(404);
  }
  ctx.body = { id: hive.id, queenYear: hive.queen_year };
});

router.get('/hives', async (ctx) => {
  const wanted = ctx.query.sort;
  const column = COLUMNS.includes(wanted) ? wanted : 'name';
  const { rows } = await knex.raw(`select id, name from hive order by ${column} limit ?`, [100]);
  ctx.body = rows;
});

router.get('/queens', async (ctx) => {
  const { rows } = await knex.raw('select id from queen where breed = :breed and year = :year', {
    breed: ctx.query.breed,
    year: Number(ctx.query.year),
  });
  ctx.body = rows;
});

router.get('/swarms', async (ctx) => {
  const rows = await knex('swarm').whereRaw(`village = '${ctx.query.village}'`).select('id');
  ctx.body = rows;
});

router.get('/harvest', async (ctx) => {
  const clauses = ['kilos > 0'];
  if (ctx.request.query.season) {
    clauses.push("season = '" + ctx.request.query.season + "'");
  }
  const rows = await knex.select(knex.raw('sum(kilos) as kilos')).from('harvest').whereRaw(clauses.join(' and '));
  ctx.body = rows;
});

router.get('/healthy', async (ctx) => {
  const { rows } = await hivesRaw('varroa_count < 10');
  ctx.body = rows;
});

router.get('/greeting', (ctx) => {
  ctx.type = 'text/html';
  ctx.body = `<p>Welcome, ${he.encode(String(ctx.query.name))}</p>`;
});

router.get('/diary', (ctx) => {
  const { keeper = 'stranger' } = ctx.query;
  ctx.type = 'text/html';
  ctx.body = '<h1>Diary of ' + keeper + '</h1>';
});

router.get('/plain', (ctx) => {
  ctx.type = 'text/plain';
  ctx.body = `Diary of ${ctx.query.keeper}`;
});

router.get('/go', (ctx) => {
  const place = ctx.query.place === 'harvest' ? PAGES.harvest : PAGES.hives;
  ctx.redirect(place);
});

router.get('/back', (ctx) => {
  ctx.redirect(ctx.query.url || PAGES.hives);
});

router.post('/inspection', async (ctx) => {
  const { hive, remark } = ctx.request.body;
  await knex('inspection').insert({ hive: Number(hive), remark: String(remark) });
  log.info('inspection by ' + ctx.request.body.keeper);
  ctx.status = 204;
});

router.post('/view', (ctx) => {
  const columns = ctx.request.body.wide === true ? 'wide' : 'narrow';
  ctx.cookies.set('view', columns, { httpOnly: true, secure: true, sameSite: 'strict', maxAge: 86400000 });
  ctx.status = 204;
});

router.post('/shift', (ctx) => {
  ctx.cookies.set('shift', ctx.state.shiftId, { httpOnly: false, secure: true, sameSite: 'lax' });
  ctx.status = 204;
});

router.post('/station', (ctx) => {
  const options = {
    httpOnly: true,
    secure: false,
    sameSite: 'strict',
  };
  ctx.cookies.set('station', ctx.state.stationId, options);
  ctx.status = 204;
});

router.get('/label', (ctx) => {
  ctx.set('Content-Disposition', 'attachment; filename="' + ctx.query.file + '"');
  ctx.body = readFileSync('/srv/apiary/label.pdf');
});

router.get('/label/small', (ctx) => {
  ctx.attachment('label-small.pdf');
  ctx.set('X-Label-Copies', String(Number(ctx.query.copies) || 1));
  ctx.body = readFileSync('/srv/apiary/label-small.pdf');
});

module.exports = router;
