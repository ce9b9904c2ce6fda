'use strict';

const path = require('path');
const crypto = require('crypto');
const express = require('express');
const helmet = require('helmet');
const session = require('express-session');
const cookieParser = require('cookie-parser');
const rateLimit = require('express-rate-limit');
const { doubleCsrf } = require('csrf-csrf');
const escapeHtml = require('escape-html');
const mysql = require('mysql2/promise');

const pool = mysql.createPool({
  uri: process.env.TICKET_DB,
  ssl: { minVersion: 'TLSv1.2', rejectUnauthorized: true },
  connectionLimit: 10,
});

const app = express();
app.use(helmet());
app.use(rateLimit({ windowMs: 60_000, limit: 120 }));
app.use(express.urlencoded({ extended: false, limit: '100kb' }));
app.use(cookieParser(process.env.COOKIE_SECRET));
app.use(session({
  name: 'tickets.sid',
  secret: process.env.SESSION_SECRET,
  resave: false,
  saveUninitialized: false,
  cookie: {
    secure: true,
    httpOnly: true,
    sameSite: 'lax',
    maxAge: 30 * 60 * 1000,
  },
}));

const { doubleCsrfProtection } = doubleCsrf({
  getSecret: () => process.env.CSRF_SECRET,
  getSessionIdentifier: (req) => req.session.id,
  cookieOptions: { secure: true, httpOnly: true, sameSite: 'strict' },
});
app.use(doubleCsrfProtection);

const kioskSession = session({
  name: 'kiosk.sid',
  secret: process.env.SESSION_SECRET,
  resave: false,
  saveUninitialized: false,
  cookie: {
    secure: true,
    httpOnly: false,
    sameSite: 'strict',
    maxAge: 10 * 60 * 1000,
  },
});

const ORDER = new Map([['date', 'starts_at'], ['price', 'price_cents']]);
const POSTERS = path.resolve('/srv/tickets/posters');

app.get('/shows', async (req, res) => {
  const column = ORDER.get(req.query.order) ?? 'starts_at';
  const [rows] = await pool.query(`SELECT id, title FROM shows WHERE city = ? ORDER BY ${column}`, [String(req.query.city)]);
  res.json(rows);
});

app.get('/shows/search', async (req, res) => {
  const sql = "SELECT id, title FROM shows WHERE title LIKE '%" + req.query.q + "%'";
  const [rows] = await pool.query(sql);
  res.json(rows);
});

app.get('/shows/:id', async (req, res) => {
  const id = Number.parseInt(req.params.id, 10);
  const [rows] = await pool.query(`SELECT id, title FROM shows WHERE id = ${id}`);
  res.json(rows[0] ?? null);
});

app.get('/halls/:hall', async (req, res) => {
  const { hall } = req.params;
  const [rows] = await pool.execute(`SELECT seat FROM seats WHERE hall = '${hall}'`);
  res.json(rows);
});

app.get('/halls/:hall/free', async (req, res) => {
  const where = `hall = ${pool.escape(req.params.hall)} AND sold = 0`;
  const [rows] = await pool.query('SELECT seat FROM seats WHERE ' + where);
  res.json(rows);
});

app.get('/thanks', (req, res) => {
  res.send('<h1>Thank you, ' + req.query.name + '</h1>');
});

app.get('/thanks/safe', (req, res) => {
  res.send('<h1>Thank you, ' + escapeHtml(req.query.name) + '</h1>');
});

app.get('/thanks/json', (req, res) => {
  res.json({ message: `Thank you, ${req.query.name}` });
});

app.get('/resume', (req, res) => {
  const { back = '/' } = req.query;
  res.redirect(back);
});

app.get('/resume/known', (req, res) => {
  const pages = { cart: '/cart', shows: '/shows' };
  const target = Object.hasOwn(pages, req.query.back) ? pages[req.query.back] : '/';
  res.redirect(302, target);
});

app.get('/posters', (req, res) => {
  const file = path.join(POSTERS, req.query.file);
  res.sendFile(file);
});

app.get('/posters/rooted', (req, res) => {
  res.sendFile(String(req.query.file), { root: POSTERS, dotfiles: 'deny' });
});

app.get('/posters/checked', (req, res) => {
  const file = path.resolve(POSTERS, String(req.query.file));
  if (!file.startsWith(POSTERS + path.sep)) {
    return res.status(404).end();
  }
  return res.sendFile(file);
});

app.post('/seat', (req, res) => {
  req.session.seat = Number(req.body.seat);
  req.session.isStaff = req.body.staff;
  res.cookie('basket', crypto.randomBytes(18).toString('base64url'), { secure: true, httpOnly: true, sameSite: 'lax' });
  res.json({ ok: true });
});

app.post('/kiosk', kioskSession, (req, res) => {
  const opts = { secure: false, httpOnly: true, sameSite: 'lax' };
  res.cookie('kiosk_session', crypto.randomBytes(24).toString('hex'), opts);
  res.json({ ok: true });
});

app.get('/partner/feed', (req, res) => {
  res.set('Access-Control-Allow-Origin', req.headers.origin);
  res.json({ shows: [] });
});

app.get('/partner/status', (req, res) => {
  const allowed = ['https://partner.tickets.example', 'https://box.tickets.example'];
  if (allowed.includes(req.headers.origin)) {
    res.set('Access-Control-Allow-Origin', req.headers.origin);
    res.set('Vary', 'Origin');
  }
  res.json({ open: true });
});

app.use((err, req, res, next) => {
  console.error('request failed', err.code);
  res.status(500).send({ error: err.stack });
});

module.exports = app;
