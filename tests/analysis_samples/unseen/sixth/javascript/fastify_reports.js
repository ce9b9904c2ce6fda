'use strict';
// Reports of a cycle-counting network: sensors, crossings, volunteers.
const { spawn } = require('child_process');
const fs = require('fs/promises');
const path = require('path');
const vm = require('vm');
const axios = require('axios');
const escapeStringRegexp = require('escape-string-regexp');
const { MongoClient, ObjectId } = require('mongodb');
const mongoose = require('mongoose');
const serialize = require('node-serialize');
const yaml = require('js-yaml');
const oracledb = require('oracledb');
const { Client: Cassandra } = require('cassandra-driver');

const EXPORTS = path.join(__dirname, 'exports');
const UNITS = Object.freeze({ hour: 3600, day: 86400 });
const HOOKS = ['https://hooks.council.example/count', 'https://hooks.cyclists.example/count'];

const Volunteer = mongoose.model('Volunteer', new mongoose.Schema({ email: String, town: String, role: String }));

const idSchema = { params: { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } } };
const kindSchema = {
  querystring: {
    type: 'object',
    required: ['kind'],
    properties: { kind: { type: 'string', enum: ['bridge', 'street'] } },
  },
};

async function mongo(fastify) {
  const client = new MongoClient(process.env.COUNT_MONGO, { serverSelectionTimeoutMS: 4000 });
  fastify.decorate('crossings', client.db('count').collection('crossings'));
}

function merge(target, source) {
  for (const key of Object.keys(source)) {
    target[key] = source[key];
  }
  return target;
}

function mergeKnown(target, source) {
  for (const key of Object.keys(UNITS)) {
    if (Object.hasOwn(source, key)) target[key] = source[key];
  }
  return target;
}

module.exports = async function reports(fastify, opts) {
  await mongo(fastify);
  const cassandra = new Cassandra(opts.cassandra);

  fastify.get('/crossings/:id', { schema: idSchema }, async (request) => {
    const db = await oracledb.getConnection(opts.oracle);
    const { rows } = await db.execute(`SELECT name FROM crossing WHERE id = ${request.params.id}`);
    return rows;
  });

  fastify.get('/crossings/named', async (request) => {
    const db = await oracledb.getConnection(opts.oracle);
    const binds = { name: request.query.name };
    const good = await db.execute('SELECT id FROM crossing WHERE name = :name', binds);
    const bad = await db.execute("SELECT id FROM crossing WHERE name = '" + binds.name + "'");
    return { good: good.rows, bad: bad.rows };
  });

  fastify.get('/crossings', { schema: kindSchema }, async (request) => {
    const db = await oracledb.getConnection(opts.oracle);
    const { rows } = await db.execute(`SELECT id FROM ${request.query.kind}_crossing`);
    return rows;
  });

  fastify.get('/sensors/:serial', async (request) => {
    const cql = `SELECT * FROM sensor WHERE serial = '${request.params.serial}'`;
    const bad = await cassandra.execute(cql);
    const good = await cassandra.execute('SELECT * FROM sensor WHERE serial = ?', [request.params.serial], { prepare: true });
    return [bad.rows, good.rows];
  });

  fastify.post('/crossings/match', async (request) => {
    const { town, kind } = request.body;
    const criteria = { kind: String(kind) };
    if (town) criteria.town = town;
    return fastify.crossings.find(criteria).toArray();
  });

  fastify.post('/crossings/match2', async (request) => {
    const town = String(request.body.town);
    return fastify.crossings.find({ town }).toArray();
  });

  fastify.get('/crossings/oid/:oid', async (request) => fastify.crossings.findOne({ _id: new ObjectId(request.params.oid) }));

  fastify.post('/volunteers/update', async (request) => {
    await Volunteer.updateOne(request.body.filter, { $set: { town: 'unknown' } });
    await Volunteer.updateOne({ email: { $eq: String(request.body.email) } }, { $set: { town: String(request.body.town) } });
    return { ok: true };
  });

  fastify.get('/volunteers/search', async (request) => {
    const loose = new RegExp(request.query.town, 'i');
    const exact = new RegExp('^' + escapeStringRegexp(String(request.query.town)) + '$', 'i');
    const all = await Volunteer.find({}).limit(200).lean();
    return { loose: all.filter((v) => loose.test(v.town)).length, exact: all.filter((v) => exact.test(v.town)).length };
  });

  fastify.post('/preferences', async (request) => {
    const prefs = merge({ hour: true }, request.body);
    const safer = mergeKnown({ hour: true }, request.body);
    return { n: Object.keys(prefs).length + Object.keys(safer).length };
  });

  fastify.get('/unit/:name', async (request) => {
    const seconds = Object.hasOwn(UNITS, request.params.name) ? UNITS[request.params.name] : 60;
    return { seconds };
  });

  fastify.post('/layout', async (request) => {
    const layout = serialize.unserialize(request.body.layout);
    const plain = JSON.parse(request.body.plain);
    const sheet = yaml.load(request.body.sheet, { schema: yaml.JSON_SCHEMA });
    return { parts: [layout, plain, sheet].length };
  });

  fastify.post('/formula', async (request) => {
    const value = vm.runInNewContext(`(${request.body.formula})`, { count: 10 }, { timeout: 50 });
    return { value };
  });

  fastify.post('/formula2', async (request) => {
    const ops = { double: (x) => x * 2, half: (x) => x / 2 };
    const op = ops[request.body.op === 'half' ? 'half' : 'double'];
    return { value: op(Number(request.body.x)) };
  });

  fastify.post('/plot', async (request, reply) => {
    const lines = ['set term png', `set title "${Number(request.body.year)}"`];
    const child = spawn('gnuplot ' + request.body.style, { shell: true, timeout: 8000 });
    child.stdin.end(lines.join('\n'));
    return reply.code(202).send();
  });

  fastify.post('/plot2', async (request, reply) => {
    const child = spawn('gnuplot', ['-p'], { shell: false, timeout: 8000 });
    child.stdin.end(`plot ${Number(request.body.slope)}*x\n`);
    return reply.code(202).send();
  });

  fastify.get('/exports', async (request) => {
    const text = await fs.readFile(path.resolve(EXPORTS, request.query.file), 'utf8');
    return { text };
  });

  fastify.get('/exports/:id', { schema: idSchema }, async (request) => {
    const text = await fs.readFile(path.resolve(EXPORTS, `${request.params.id}.csv`), 'utf8');
    return { text };
  });

  fastify.delete('/exports', async (request, reply) => {
    const relative = path.relative(EXPORTS, path.resolve(EXPORTS, request.query.file));
    if (relative.startsWith('..') || path.isAbsolute(relative)) return reply.code(400).send();
    await fs.unlink(path.join(EXPORTS, relative));
    return reply.code(204).send();
  });

  fastify.post('/hooks', async (request) => {
    const target = request.body.hooks.filter((h) => h.startsWith('https')).pop();
    const { status } = await axios({ method: 'post', url: target, data: { n: 1 }, timeout: 3000 });
    return { status };
  });

  fastify.post('/hooks2', async (request) => {
    const target = HOOKS.find((h) => h === request.body.hook);
    if (!target) return { status: 400 };
    const { status } = await axios.post(target, { n: 1 }, { timeout: 3000 });
    return { status };
  });

  fastify.get('/moved', (request, reply) => {
    const next = request.query.next;
    if (next && next.includes('council.example')) return reply.redirect(next);
    return reply.redirect('/');
  });

  fastify.get('/label', (request, reply) => {
    reply.type('text/html').send('<b>' + request.query.label + '</b>');
  });

  fastify.get('/label2', (request, reply) => {
    reply.type('text/plain').header('X-Content-Type-Options', 'nosniff').send('label: ' + request.query.label);
  });
};
