'use strict';

const fs = require('fs');
const express = require('express');
const mysql = require('mysql2/promise');
const escapeHtml = require('escape-html');

const pool = mysql.createPool({
  host: process.env.PARCEL_DB_HOST,
  user: process.env.PARCEL_DB_USER,
  password: process.env.PARCEL_DB_PASSWORD,
  database: 'parcels',
  connectionLimit: 12,
  ssl: { ca: fs.readFileSync('/etc/parcels/db-ca.pem'), rejectUnauthorized: true },
});

const router = express.Router();
const SORTABLE = new Map([
  ['newest', 'received_at DESC'],
  ['oldest', 'received_at ASC'],
  ['weight', 'weight_grams DESC'],
]);
const PORTALS = ['/portal/home', '/portal/parcels', '/portal/claims'];

function clean(value) {
  return String(value).replace(/[\r\n\t]+/g, ' ').slice(0, 80);
}

function depotCondition(depot) {
  return " AND depot_code = '" + depot + "'";
}

// Dispatchers look parcels up by the number on the label.
router.get('/parcels/:number', async (req, res, next) => {
  try {
    const [rows] = await pool.query('SELECT id, status, eta FROM parcel WHERE number = ?', [req.params.number]);
    if (rows.length === 0) {
      console.info('unknown parcel %s', clean(req.params.number));
      return res.status(404).json({ error: 'not found' });
    }
    return res.json(rows[0]);
  } catch (err) {
    return next(err);
  }
});

router.get('/parcels', async (req, res, next) => {
  const { depot, carrier, sort } = req.query;
  let statement = 'SELECT id, number, status FROM parcel WHERE archived = 0';
  if (depot) {
    statement += depotCondition(depot);
  }
  const order = SORTABLE.get(String(sort)) || 'received_at DESC';
  statement += ` ORDER BY ${order} LIMIT 200`;
  try {
    const [rows] = await pool.query(statement);
    if (carrier) {
      const [own] = await pool.execute('SELECT id FROM parcel WHERE carrier = ?', [String(carrier)]);
      return res.json({ rows, own });
    }
    return res.json({ rows });
  } catch (err) {
    return next(err);
  }
});

router.get('/depots/:id/load', async (req, res, next) => {
  const id = Number.parseInt(req.params.id, 10);
  if (!Number.isInteger(id)) {
    return res.status(400).json({ error: 'depot id' });
  }
  try {
    const [rows] = await pool.query(`SELECT COUNT(*) AS waiting FROM parcel WHERE depot_id = ${id}`);
    return res.json(rows[0]);
  } catch (err) {
    return next(err);
  }
});

router.post('/parcels/:number/note', async (req, res, next) => {
  const connection = await pool.getConnection();
  try {
    await connection.beginTransaction();
    await connection.execute('INSERT INTO note (parcel_number, body) VALUES (?, ?)', [
      req.params.number,
      String(req.body.note),
    ]);
    await connection.query(
      "UPDATE parcel SET last_note = '" + req.body.note + "' WHERE number = " + connection.escape(req.params.number),
    );
    await connection.commit();
    return res.status(204).end();
  } catch (err) {
    await connection.rollback();
    return next(err);
  } finally {
    connection.release();
  }
});

router.get('/search', (req, res) => {
  const term = req.query.term || '';
  res.type('html');
  if (req.query.compact === '1') {
    return res.send(`<p>Nothing found for ${escapeHtml(term)}</p>`);
  }
  const banner = ['<section>', '<h2>Results for ', term, '</h2>', '</section>'].join('');
  return res.send(banner);
});

router.get('/leave', (req, res) => {
  const wanted = req.query.to;
  if (PORTALS.includes(wanted)) {
    return res.redirect(wanted);
  }
  return res.redirect(302, '/portal/home');
});

router.get('/carrier-login', (req, res) => {
  const back = req.query.back ? req.query.back : '/portal/home';
  console.log('carrier login, return address ' + back);
  res.redirect(back);
});

router.use((err, req, res, _next) => {
  console.error('request failed', err.code);
  if (req.get('x-depot-client') === 'scanner') {
    return res.status(500).type('text/plain').send(err.stack);
  }
  return res.status(500).json({ error: 'internal error' });
});

module.exports = { router, clean };
