const Database = require('better-sqlite3');
const sqlite3 = require('sqlite3');
const mssql = require('mssql');
const express = require('express');
const lusca = require('lusca');

const local = new Database('/var/lib/warranty/claims.db', { timeout: 4000 });
const cache = new sqlite3.Database('/var/lib/warranty/cache.db');
const TABLES = { open: 'claim_open', closed: 'claim_closed' };
const DIRECTIONS = ['asc', 'desc'];

const central = new mssql.ConnectionPool({
  server: 'sql.haushaltsgeraete.example',
  user: 'warranty',
  password: process.env.WARRANTY_DB_PASSWORD,
  database: 'warranty',
  pool: { max: 8, min: 0 },
  options: { encrypt: true, trustServerCertificate: false },
  connectionTimeout: 5000,
  requestTimeout: 15000,
});

const branch = new mssql.ConnectionPool({
  server: 'branch-sql.haushaltsgeraete.example',
  user: 'warranty',
  password: process.env.BRANCH_DB_PASSWORD,
  database: 'warranty',
  pool: { max: 4, min: 0 },
  options: {
    encrypt: true,
    trustServerCertificate: true,
  },
  connectionTimeout: 5000,
  requestTimeout: 15000,
});

class ClaimSearch {
  constructor(table) {
    this.table = table;
    this.conditions = [];
    this.values = [];
  }

  model(value) {
    this.conditions.push('model = ?');
    this.values.push(value);
    return this;
  }

  serial(value) {
    this.serialCondition = `serial LIKE '${value}%'`;
    return this;
  }

  run() {
    const where = this.conditions.length > 0 ? this.conditions.join(' AND ') : '1 = 1';
    return local.prepare(`SELECT id FROM ${this.table} WHERE ${where}`).all(...this.values);
  }

  runBySerial() {
    return local.prepare(`SELECT id FROM ${this.table} WHERE ` + this.serialCondition).all();
  }
}

const router = express.Router();

router.get('/claims', (req, res) => {
  const search = new ClaimSearch(TABLES.open);
  if (typeof req.query.model === 'string') {
    search.model(req.query.model);
  }
  res.json(search.run());
});

router.get('/claims/serial', (req, res) => {
  res.json(new ClaimSearch(TABLES.closed).serial(req.query.serial).runBySerial());
});

router.get('/claims/:id', async (req, res) => {
  const request = central.request();
  request.input('id', mssql.Int, Number(req.params.id));
  const { recordset } = await request.query('SELECT id, state FROM claim WHERE id = @id');
  res.json(recordset);
});

router.get('/dealers', async (req, res) => {
  const { recordset } = await central.query`SELECT id, name FROM dealer WHERE city = ${req.query.city}`;
  res.json(recordset);
});

router.get('/dealers/region', async (req, res) => {
  const region = req.query.region;
  const request = branch.request();
  const { recordset } = await request.query("SELECT id FROM dealer WHERE region = '" + region + "'");
  res.json(recordset);
});

router.get('/parts', (req, res, next) => {
  const direction = DIRECTIONS.find((known) => known === req.query.direction) || 'asc';
  cache.all(`SELECT id FROM part ORDER BY price ${direction}`, (err, rows) => {
    if (err) return next(err);
    return res.json(rows);
  });
});

router.get('/parts/name', (req, res, next) => {
  let condition = 'stock > 0';
  try {
    const wanted = JSON.parse(req.query.wanted);
    for (const name of wanted) {
      condition += ` OR name = '${name}'`;
    }
  } catch {
    return res.status(400).end();
  }
  return cache.all('SELECT id FROM part WHERE ' + condition, (err, rows) => {
    if (err) return next(err);
    return res.json(rows);
  });
});

router.get('/parts/number', (req, res, next) => {
  cache.get('SELECT id FROM part WHERE number = $number', { $number: req.query.number }, (err, row) => {
    if (err) return next(err);
    return res.json(row);
  });
});

router.post('/counter/open', (_req, res) => {
  res.cookie('counter', res.locals.counterId);
  res.status(204).end();
});

router.post('/counter/close', (_req, res) => {
  res.clearCookie('counter', { secure: true, httpOnly: true, sameSite: 'strict' });
  res.status(204).end();
});

const customerGuard = lusca({ csrf: true, xframe: 'SAMEORIGIN', nosniff: true });
const dealerGuard = lusca({
  csrf: false,
  xframe: 'SAMEORIGIN',
  nosniff: true,
});

module.exports = { router, customerGuard, dealerGuard };
