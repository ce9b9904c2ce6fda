import { Router, Request, Response } from 'express';
import { Pool } from 'pg';
import knexFactory, { Knex } from 'knex';
import { DataTypes, literal, Op, QueryTypes, Sequelize } from 'sequelize';
import { PrismaClient } from '@prisma/client';
import Database from 'better-sqlite3';

const pool = new Pool({ connectionString: process.env.ORDERS_DB, max: 10 });
const knex: Knex = knexFactory({ client: 'sqlite3', connection: { filename: '/srv/bakery/orders.db' }, useNullAsDefault: true });
const sequelize = new Sequelize(process.env.ORDERS_DB as string, { logging: false });
const prisma = new PrismaClient();
const local = new Database('/srv/bakery/local.db');
const Loaf = sequelize.define('loaf', { name: DataTypes.STRING, grain: DataTypes.STRING });

export const router = Router();

type Sort = 'name' | 'price' | 'baked';
const SORTS: readonly Sort[] = ['name', 'price', 'baked'];

function sortOf(req: Request): Sort {
  const wanted = req.query.sort as Sort;
  return SORTS.includes(wanted) ? wanted : 'name';
}

function quoteList(values: string[]): string {
  return values.map((v) => `'${v}'`).join(', ');
}

const wrap = (handler: (req: Request) => Promise<unknown>) =>
  (req: Request, res: Response) => handler(req).then((body) => res.json(body));

router.get('/orders', wrap(async (req) => {
  const { rows } = await pool.query('SELECT id FROM orders WHERE customer = $1', [req.query.customer]);
  return rows;
}));

router.get('/orders/day', wrap(async (req) => {
  const { rows } = await pool.query(`SELECT id FROM orders WHERE day = '${req.query.day}'`);
  return rows;
}));

router.get('/orders/sorted', wrap(async (req) => {
  const { rows } = await pool.query('SELECT id FROM orders ORDER BY ' + sortOf(req));
  return rows;
}));

router.get('/orders/object', wrap(async (req) => {
  const query = { text: 'SELECT id FROM orders WHERE shop = ' + req.query.shop, values: [] };
  const { rows } = await pool.query(query);
  return rows;
}));

router.get('/orders/named', wrap(async (req) => {
  const query = { name: 'by-shop', text: 'SELECT id FROM orders WHERE shop = $1', values: [req.query.shop] };
  return (await pool.query(query)).rows;
}));

router.get('/orders/list', wrap(async (req) => {
  const names = String(req.query.names).split(',');
  const { rows } = await pool.query(`SELECT id FROM orders WHERE name IN (${quoteList(names)})`);
  return rows;
}));

router.get('/orders/numbers', wrap(async (req) => {
  const ids = String(req.query.ids).split(',').map(Number);
  const { rows } = await pool.query(`SELECT id FROM orders WHERE id IN (${ids.join(',')})`);
  return rows;
}));

router.get('/loaves', wrap(async (req) => {
  return knex('loaves').where('grain', String(req.query.grain)).orderBy(sortOf(req));
}));

router.get('/loaves/raw', wrap(async (req) => {
  return knex.raw('SELECT * FROM loaves WHERE grain = ?', [String(req.query.grain)]);
}));

router.get('/loaves/raw-text', wrap(async (req) => {
  const grain = req.query.grain;
  return knex.select('id').from('loaves').orderByRaw(`grain = '${grain}' DESC`);
}));

router.get('/loaves/model', wrap(async (req) => {
  return Loaf.findAll({ where: { grain: { [Op.eq]: String(req.query.grain) } } });
}));

router.get('/loaves/model-raw', wrap(async (req) => {
  return sequelize.query("SELECT * FROM loaves WHERE name = '" + req.query.name + "'", { type: QueryTypes.SELECT });
}));

router.get('/loaves/replaced', wrap(async (req) => {
  return sequelize.query('SELECT * FROM loaves WHERE name = :name', {
    replacements: { name: String(req.query.name) },
    type: QueryTypes.SELECT,
  });
}));

router.get('/loaves/literal', wrap(async (req) => {
  return Loaf.findAll({ order: literal(`field(name, '${req.query.first}')`) });
}));

router.get('/stock', wrap(async (req) => {
  return prisma.$queryRaw`SELECT id FROM stock WHERE shelf = ${req.query.shelf}`;
}));

router.get('/stock/unsafe', wrap(async (req) => {
  return prisma.$queryRawUnsafe(`SELECT id FROM stock WHERE shelf = '${req.query.shelf}'`);
}));

router.get('/stock/unsafe-bound', wrap(async (req) => {
  return prisma.$queryRawUnsafe('SELECT id FROM stock WHERE shelf = $1', String(req.query.shelf));
}));

router.get('/local', wrap(async (req) => {
  return local.prepare('SELECT * FROM tray WHERE oven = ?').all(String(req.query.oven));
}));

router.get('/local/text', wrap(async (req) => {
  let sql = 'SELECT * FROM tray WHERE 1 = 1';
  if (req.query.oven) sql += ' AND oven = ' + req.query.oven;
  return local.prepare(sql).all();
}));

router.post('/local/batch', wrap(async (req) => {
  const insert = local.prepare('INSERT INTO tray (oven, loaf) VALUES (@oven, @loaf)');
  const many = local.transaction((rows: { oven: string; loaf: string }[]) => rows.forEach((row) => insert.run(row)));
  many(req.body);
  return { ok: true };
}));

class TrayQuery {
  private parts: string[] = [];

  and(condition: string): this {
    this.parts.push(condition);
    return this;
  }

  run() {
    return local.prepare('SELECT * FROM tray WHERE ' + this.parts.join(' AND ')).all();
  }
}

router.get('/local/built', wrap(async (req) => {
  return new TrayQuery().and('oven = 1').and("loaf = '" + req.query.loaf + "'").run();
}));
