const express = require('express');
const { exec, execFile } = require('child_process');
const fs = require('fs');
const path = require('path');
const axios = require('axios');
const mysql = require('mysql2/promise');
const escapeHtml = require('escape-html');

const app = express();
const pool = mysql.createPool({ host: process.env.DB_HOST });
const ROOT = path.resolve('/srv/files');
const PAGES = ['/home', '/cart'];
const HOSTS = new Set(['cdn.example.com']);

app.get('/users', async (req, res) => {
  const { name } = req.query;
  const [rows] = await pool.query(`SELECT * FROM users WHERE name = '${name}'`);
  res.json(rows);
});

app.get('/users/:id', async (req, res) => {
  const [rows] = await pool.query('SELECT * FROM users WHERE id = ?', [req.params.id]);
  const id = parseInt(req.params.id, 10);
  const [more] = await pool.query('SELECT * FROM orders WHERE user = ' + id);
  res.json({ rows, more });
});

app.post('/search', async (req, res) => {
  let sql = 'SELECT * FROM products WHERE 1 = 1';
  if (req.body.category) {
    sql += " AND category = '" + req.body.category + "'";
  }
  const [rows] = await pool.execute(sql);
  res.json(rows);
});

app.get('/lookup', (req, res) => {
  exec('nslookup ' + req.query.domain, (err, out) => res.send(escapeHtml(out)));
});

app.get('/lookup2', (req, res) => {
  execFile('nslookup', [req.query.domain], (err, out) => res.type('text').send(out));
});

app.get('/file', (req, res) => {
  const file = path.join(ROOT, req.query.name);
  fs.readFile(file, 'utf8', (err, data) => res.json({ data }));
});

app.get('/file2', (req, res) => {
  const file = path.resolve(ROOT, req.query.name);
  if (!file.startsWith(ROOT + path.sep)) {
    return res.status(404).end();
  }
  fs.readFile(file, 'utf8', (err, data) => res.json({ data }));
});

app.get('/download', (req, res) => {
  res.sendFile('/srv/downloads/' + req.params.file);
});

app.get('/proxy', async (req, res) => {
  const target = req.query.url;
  const answer = await axios.get(target);
  res.json(answer.data);
});

app.get('/proxy2', async (req, res) => {
  const target = new URL(req.query.url);
  if (!HOSTS.has(target.hostname)) {
    return res.sendStatus(400);
  }
  const answer = await axios.get(target.href);
  res.json(answer.data);
});

app.get('/next', (req, res) => {
  res.redirect(req.query.next);
});

app.get('/next2', (req, res) => {
  const next = req.query.next;
  res.redirect(PAGES.includes(next) ? next : '/home');
});

app.get('/hello', (req, res) => {
  res.send('<h1>Hello ' + req.query.name + '</h1>');
});

app.get('/hello2', (req, res) => {
  res.send('<h1>Hello ' + escapeHtml(req.query.name) + '</h1>');
});

app.post('/calc', (req, res) => {
  const result = eval(req.body.formula);
  res.json({ result });
});

module.exports = app;
