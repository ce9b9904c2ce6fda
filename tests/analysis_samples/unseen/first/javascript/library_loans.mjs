import path from 'node:path';
import { createReadStream, promises as fsp, readFileSync } from 'node:fs';
import { Router } from 'express';
import pg from 'pg';
import format from 'pg-format';

const { Pool } = pg;

export const catalogue = new Pool({
  host: process.env.CATALOGUE_HOST,
  user: 'catalogue_reader',
  password: process.env.CATALOGUE_PASSWORD,
  database: 'catalogue',
  max: 10,
  connectionTimeoutMillis: 4000,
  statement_timeout: 15000,
  ssl: { ca: readFileSync('/etc/loans/pg-ca.crt', 'utf8') },
});

export const archive = new Pool({
  host: 'archive-db.stadtbibliothek.example',
  user: 'archive_reader',
  password: process.env.ARCHIVE_PASSWORD,
  database: 'archive',
  max: 4,
  connectionTimeoutMillis: 4000,
  statement_timeout: 15000,
  ssl: false,
});

export const statistics = new Pool({
  host: 'stats-db.stadtbibliothek.example',
  user: 'stats_reader',
  password: process.env.STATS_PASSWORD,
  database: 'stats',
  max: 4,
  connectionTimeoutMillis: 4000,
  statement_timeout: 15000,
  ssl: {
    rejectUnauthorized: false,
  },
});

const COVERS = '/srv/loans/covers';
const SHELF = /^[A-Z]{2}-\d{1,4}$/;

class LoanRepository {
  constructor(db) {
    this.db = db;
    this.filters = [];
  }

  where(fragment) {
    this.filters.push(fragment);
    return this;
  }

  overdue() {
    return this.db.query('SELECT * FROM loan WHERE due < now() AND returned IS NULL');
  }

  byReader(readerId) {
    return this.db.query({ text: 'SELECT * FROM loan WHERE reader_id = $1', values: [readerId] });
  }

  byShelf(shelf) {
    const sql = format('SELECT * FROM copy WHERE shelf = %L', shelf);
    return this.db.query(sql);
  }

  list() {
    return this.db.query(`SELECT id, title FROM copy WHERE ${this.filters.join(' AND ')}`);
  }
}

export const loans = Router();

loans.get('/readers/:id/loans', async (req, res) => {
  const { rows } = await new LoanRepository(catalogue).byReader(req.params.id);
  res.json(rows);
});

loans.get('/copies', async (req, res) => {
  const shelf = String(req.query.shelf ?? '');
  if (!SHELF.test(shelf)) {
    res.status(400).json({ error: 'shelf' });
    return;
  }
  const known = await new LoanRepository(catalogue).byShelf(shelf);
  const free = await new LoanRepository(catalogue).where('lent = false').where('withdrawn = false').list();
  res.json({ known: known.rows, free: free.rows });
});

loans.get('/titles', async (req, res) => {
  const words = String(req.query.q ?? '').split(' ');
  const parts = [];
  for (const word of words) {
    parts.push(`title ILIKE '%${word}%'`);
  }
  const text = 'SELECT id, title FROM title WHERE ' + parts.join(' OR ');
  const { rows } = await catalogue.query({ text });
  res.json(rows);
});

loans.get('/authors', async (req, res) => {
  const words = String(req.query.q ?? '').split(' ').slice(0, 6);
  const marks = words.map((_, index) => `name ILIKE $${index + 1}`);
  const { rows } = await catalogue.query(
    `SELECT id, name FROM author WHERE ${marks.join(' OR ')}`,
    words.map((word) => `%${word}%`),
  );
  res.json(rows);
});

loans.get('/covers/:file', (req, res) => {
  const full = path.resolve(COVERS, req.params.file);
  if (!full.startsWith(COVERS + path.sep)) {
    res.status(404).end();
    return;
  }
  createReadStream(full).pipe(res);
});

loans.get('/scans', async (req, res) => {
  const page = await fsp.readFile(path.join('/srv/loans/scans', req.query.page));
  res.type('image/tiff').send(page);
});

loans.get('/export/:kind', async (req, res) => {
  const names = { csv: 'loans.csv', json: 'loans.json' };
  const kind = req.params.kind === 'json' ? 'json' : 'csv';
  res.setHeader('Content-Disposition', `attachment; filename="${names[kind]}"`);
  res.setHeader('X-Loans-Label', 'Export of ' + req.query.label);
  res.sendFile(names[kind], { root: '/srv/loans/exports' });
});
