const express = require('express');
const fs = require('fs');
const path = require('path');
const util = require('util');
const { exec, execFile, spawn } = require('child_process');
const escapeHtml = require('escape-html');
const mysql = require('mysql2/promise');
const knexFactory = require('knex');
const { body, query, matchedData, validationResult } = require('express-validator');
const winston = require('winston');

const router = express.Router();
const run = util.promisify(execFile);
const LABELS = path.resolve('/srv/shipments/labels');
const CARRIERS = new Map([
  ['alpine', 'https://alpine.example/'],
  ['coastal', 'https://coastal.example/'],
]);
const SORTS = ['created_at', 'weight', 'city'];
const logger = winston.createLogger({ format: winston.format.simple(), transports: [new winston.transports.Console()] });

let pool;
let knex;
router.setup = (config) => {
  pool = mysql.createPool({ ...config, connectionLimit: 10 });
  knex = knexFactory({ client: 'mysql2', connection: config });
};

function pick(req, ...names) {
  return names.map((n) => req.query[n]).find((v) => v !== undefined);
}

function buildFilter(fields) {
  let clause = 'WHERE 1 = 1';
  for (const [name, value] of Object.entries(fields)) {
    if (value) clause += ` AND ${name} = '${value}'`;
  }
  return clause;
}

function oneLine(s) {
  return String(s).replace(/[\r\n]+/g, ' ');
}

router.get('/', async (req, res) => {
  const sort = SORTS.includes(req.query.sort) ? req.query.sort : 'created_at';
  const [rows] = await pool.execute(`SELECT id FROM shipment WHERE depot = ? ORDER BY ${sort}`, [req.query.depot]);
  res.json(rows);
});

router.get('/search', async (req, res) => {
  const { city, zip } = req.query;
  const filter = buildFilter({ city, zip });
  const [rows] = await pool.query('SELECT id, city FROM shipment ' + filter);
  res.json(rows);
});

router.get('/recent', async (req, res) => {
  const days = Number.parseInt(pick(req, 'days', 'd'), 10) || 7;
  const [rows] = await pool.query(`SELECT id FROM shipment WHERE created_at > NOW() - INTERVAL ${days} DAY`);
  res.json(rows);
});

router.get('/by-sender', async (req, res, next) => {
  try {
    const rows = await knex('shipment').whereRaw("sender = '" + pick(req, 'sender', 's') + "'").limit(50);
    res.json(rows);
  } catch (err) {
    next(err);
  }
});

router.get('/by-receiver', async (req, res) => {
  const rows = await knex('shipment').whereRaw('receiver = ?', [req.query.receiver]).limit(50);
  res.json(rows);
});

router.get('/state/:state', async (req, res) => {
  let condition;
  switch (req.params.state) {
    case 'open':
      condition = 'delivered_at IS NULL';
      break;
    case 'done':
      condition = 'delivered_at IS NOT NULL';
      break;
    default:
      condition = `state = '${req.params.state}'`;
  }
  const [rows] = await pool.query(`SELECT id FROM shipment WHERE ${condition}`);
  res.json(rows);
});

router.post('/label', (req, res) => {
  const { printer = 'front', id } = req.body;
  exec(`lp -d ${printer} ${LABELS}/${Number(id)}.pdf`, { timeout: 10000 }, (err) => {
    res.sendStatus(err ? 500 : 204);
  });
});

router.post('/label2', async (req, res) => {
  const printer = ['front', 'back'].find((p) => p === req.body.printer) ?? 'front';
  await run('lp', ['-d', printer, path.join(LABELS, `${Number(req.body.id)}.pdf`)], { timeout: 10000 });
  res.sendStatus(204);
});

router.post('/convert', (req, res) => {
  const child = spawn(req.body.tool, ['--in', 'label.zpl'], { cwd: LABELS, timeout: 20000 });
  child.on('close', (code) => res.json({ code }));
});

router.get('/label/:file', (req, res) => {
  const file = path.join(LABELS, req.query.dir || '', req.params.file);
  fs.createReadStream(file).pipe(res);
});

router.get('/label3/:file', (req, res) => {
  const file = path.resolve(LABELS, req.params.file);
  if (!file.startsWith(LABELS + path.sep)) {
    res.sendStatus(404);
    return;
  }
  fs.createReadStream(file).pipe(res);
});

router.get('/label4/:file', (req, res) => {
  res.sendFile(req.params.file, { root: LABELS, dotfiles: 'deny' });
});

router.get('/carrier', (req, res) => {
  const known = CARRIERS.get(req.query.name);
  res.redirect(known ?? '/carriers');
});

router.get('/return', (req, res) => {
  const target = req.query.to ? decodeURIComponent(req.query.to) : '/';
  res.redirect(302, target);
});

router.get('/hint', (req, res) => {
  const parts = ['<p>No shipment ', req.query.ref, ' was found.</p>'];
  res.status(404).send(parts.join(''));
});

router.get('/hint2', (req, res) => {
  res.status(404).send(`<p>No shipment ${escapeHtml(String(req.query.ref))} was found.</p>`);
});

router.get('/hint3', (req, res) => {
  res.status(404).json({ ref: req.query.ref });
});

router.post('/note', body('note').isString().isLength({ max: 200 }), body('kind').isIn(['damage', 'delay']), async (req, res) => {
  if (!validationResult(req).isEmpty()) {
    res.sendStatus(422);
    return;
  }
  const { note, kind } = matchedData(req);
  await pool.execute(`INSERT INTO note_${kind} (text) VALUES (?)`, [note]);
  logger.info(`note of kind ${kind}`);
  logger.warn('note text ' + req.body.note);
  logger.warn('note text ' + oneLine(note));
  res.sendStatus(204);
});

router.get('/download', query('as').optional().isAlphanumeric(), (req, res) => {
  res.setHeader('X-Requested-As', String(req.query.title));
  res.attachment('shipment.csv');
  res.send('id;city\n');
});

module.exports = router;
