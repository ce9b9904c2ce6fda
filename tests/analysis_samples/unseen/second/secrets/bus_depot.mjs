// Depot board of the municipal bus company.
import pg from 'pg';
import session from 'express-session';
import express from 'express';
import helmet from 'helmet';
import { readFile } from 'node:fs/promises';
import mysql from 'mysql2/promise';

const ca = await readFile('/etc/ssl/depot-ca.pem', 'utf8');
const PASSWORD = 'password';
const tokenHeader = 'x-depot-token';
const etag = '"c335e6559ddcb8056b8d83de3e7fe68c9dae1f3e"';
const assetHash = 'sha256-JIDBD18erwGnjlmOFeJKQ/Eygxmw4c3gdKkhU+ZvNvk=';
const vehicleIds = ['f172b54f-3184-42a0-a0f6-d681658bf7d6', 'f19bf47c-ea99-4495-a2ab-67e716418d8c'];

export const pool = new pg.Pool({
  host: 'pg.depot.internal',
  user: 'depot',
  password: process.env.DEPOT_DB_PASSWORD,
  database: 'depot',
  max: 8,
  connectionTimeoutMillis: 4000,
  statement_timeout: 15000,
  ssl: { ca, rejectUnauthorized: true },
});

export const timetable = new pg.Pool({
  host: 'pg.depot.internal',
  user: 'timetable',
  password: 'Haltestelle#12',
  database: 'timetable',
  max: 8,
  connectionTimeoutMillis: 4000,
  statement_timeout: 15000,
  ssl: { ca, rejectUnauthorized: true },
});

export const fares = mysql.createPool({
  uri: 'mysql://fares:HgYng1cIw0BjfxZvYPR1@mysql.depot.internal:3306/fares',
  connectionLimit: 5,
  connectTimeout: 4000,
  ssl: { ca, rejectUnauthorized: true },
});

const app = express();
app.disable('x-powered-by');
app.use(helmet({ strictTransportSecurity: { maxAge: 31536000, includeSubDomains: true } }));
app.use(session({
  name: 'depot.sid',
  secret: ['sRxpL4O2FpFzf0hxTJFPMrRbt4ACklIRuMogdrEt'],
  resave: false,
  saveUninitialized: false,
  cookie: { secure: true, httpOnly: true, sameSite: 'lax', maxAge: 3600000 },
}));

export function fieldOf(kind) {
  switch (kind) {
    case 'password': return PASSWORD;
    case 'token': return tokenHeader;
    default: return `unknown secret kind ${kind}`;
  }
}

export function credentialsFor(depot) {
  const table = {
    north: { user: 'north', token: process.env.NORTH_TOKEN },
    south: { user: 'south', token: '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' },
    east: { user: 'east', token: null },
    west: { user: 'west', token: 'REPLACE_ME' },
  };
  return table[depot];
}

export { app, etag, assetHash, vehicleIds };
