import { createWriteStream, promises as fs, chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join, resolve, sep } from 'node:path';
import { randomBytes } from 'node:crypto';
import busboy from 'busboy';
import compression from 'compression';
import cors from 'cors';
import csurf from 'csurf';
import decompress from 'decompress';
import errorhandler from 'errorhandler';
import express from 'express';
import fileUpload from 'express-fileupload';
import rateLimit from 'express-rate-limit';
import slowDown from 'express-slow-down';
import { XMLParser } from 'fast-xml-parser';
import formidable from 'formidable';
import helmet from 'helmet';
import morgan from 'morgan';
import nunjucks from 'nunjucks';
import serveIndex from 'serve-index';
import tar from 'tar';
import serialize from 'serialize-javascript';
import { deserialize } from 'serialize-to-js';
import { v4 as uuid } from 'uuid';
import { body, param, validationResult } from 'express-validator';

const STORE = resolve('/srv/maps/store');
const IMAGE_TYPES = new Set(['image/png', 'image/jpeg']);

const app = express();
app.disable('x-powered-by');
app.use(helmet.contentSecurityPolicy({ directives: { defaultSrc: ["'self'"], scriptSrc: ["'self'"], frameAncestors: ["'none'"] } }));
app.use(helmet.hsts({ maxAge: 31536000, includeSubDomains: false }));
app.use(helmet.noSniff());
app.use(helmet.referrerPolicy({ policy: 'no-referrer' }));
app.use(compression());
app.use(morgan('short'));
app.use(rateLimit({ windowMs: 60_000, limit: 60 }));
app.use(slowDown({ windowMs: 60_000, delayAfter: 30, delayMs: () => 300 }));
app.use(express.json({ limit: '50kb' }));
app.use(csurf({ cookie: { secure: true, httpOnly: true, sameSite: 'strict' } }));
app.use('/public', express.static('/srv/maps/public', { index: 'index.html', dotfiles: 'ignore' }));
app.use('/archive', serveIndex('/srv/maps/archive'));

const pages = nunjucks.configure('/srv/maps/pages', { autoescape: true, express: app });
const strictUpload = fileUpload({ limits: { fileSize: 3_000_000, files: 1 }, abortOnLimit: true, safeFileNames: true });

app.post('/sheets', strictUpload, async (req, res) => {
  const { sheet } = req.files;
  if (!IMAGE_TYPES.has(sheet.mimetype)) {
    res.sendStatus(415);
    return;
  }
  await sheet.mv(join(STORE, uuid() + extname(basename(sheet.name))));
  res.sendStatus(201);
});

app.post('/sheets/named', strictUpload, async (req, res) => {
  if (!IMAGE_TYPES.has(req.files.sheet.mimetype)) {
    res.sendStatus(415);
    return;
  }
  await req.files.sheet.mv(`${STORE}/${req.body.folder}/sheet.png`);
  res.sendStatus(201);
});

app.post('/tiles', (req, res) => {
  const form = formidable({
    uploadDir: STORE,
    maxFileSize: 4 * 1024 * 1024,
    filter: ({ mimetype }) => IMAGE_TYPES.has(mimetype),
  });
  form.parse(req, (err) => res.sendStatus(err ? 400 : 201));
});

app.post('/stream', (req, res) => {
  const parser = busboy({ headers: req.headers, preservePath: true, limits: { fileSize: 2_000_000, files: 2 } });
  parser.on('file', (field, file, info) => {
    if (!IMAGE_TYPES.has(info.mimeType)) {
      file.resume();
      return;
    }
    file.pipe(createWriteStream(join(STORE, info.filename)));
  });
  parser.on('close', () => res.sendStatus(201));
  req.pipe(parser);
});

app.post('/unpack', async (req, res) => {
  await decompress(join(STORE, `${Number(req.body.number)}.zip`), STORE, { filter: (file) => resolve(STORE, file.path).startsWith(STORE + sep) });
  res.sendStatus(201);
});

app.post('/unpack/tar', async (req, res) => {
  const dir = mkdtempSync(join(tmpdir(), 'maps-'));
  await tar.x({ file: join(STORE, `${Number(req.body.number)}.tar`), cwd: dir, preservePaths: true });
  res.sendStatus(201);
});

app.post('/places', (req, res) => {
  const parser = new XMLParser({ ignoreAttributes: false, processEntities: false });
  res.json({ places: Object.keys(parser.parse(String(req.body.xml))).length });
});

app.post('/settings', (req, res) => {
  const settings = deserialize(req.body.settings);
  res.json({ zoom: settings.zoom });
});

app.post('/settings/plain', (req, res) => {
  const settings = JSON.parse(req.body.settings);
  res.json({ zoom: Number(settings.zoom), text: serialize({ zoom: Number(settings.zoom) }) });
});

app.post('/legend', (req, res) => {
  const legend = nunjucks.renderString(req.body.legend, { scale: 25000 });
  res.json({ preview: legend });
});

app.post('/legend/known', (req, res) => {
  res.send(pages.render('legend.html', { title: req.body.title }));
});

const styles = { road: 'black', river: 'blue' };

app.post('/styles', (req, res) => {
  for (const [layer, colour] of Object.entries(req.body)) {
    styles[layer] = colour;
  }
  res.sendStatus(204);
});

app.post('/styles/known', (req, res) => {
  for (const layer of ['road', 'river']) {
    if (typeof req.body[layer] === 'string') styles[layer] = req.body[layer];
  }
  res.sendStatus(204);
});

app.post('/sheets/:id/note', param('id').isInt(), body('note').isLength({ max: 200 }), async (req, res) => {
  if (!validationResult(req).isEmpty()) {
    res.sendStatus(400);
    return;
  }
  await fs.writeFile(join(STORE, `${Number(req.params.id)}.note`), String(req.body.note), { mode: 0o640 });
  res.sendStatus(204);
});

app.get('/plot', (req, res) => {
  const action = { zoom: () => 1, pan: () => 2 };
  res.json({ value: action[req.query.action]() });
});

app.get('/search', (req, res) => {
  console.log('searched for ' + req.query.place);
  console.log('searched for %j', { length: String(req.query.place).length });
  res.json([]);
});

app.get('/tiles.json', cors({ origin: 'https://maps.example' }), (req, res) => res.json({ tiles: 12 }));
app.get('/legend.json', cors({ origin: '*' }), (req, res) => res.json({ scale: 25000 }));

export async function nightlyExport(rows) {
  const file = join(tmpdir(), 'maps-export.csv');
  await fs.writeFile(file, rows.join('\n'));
  const unguessable = join(STORE, `export-${randomBytes(12).toString('hex')}.csv`);
  await fs.writeFile(unguessable, rows.join('\n'), { mode: 0o600 });
  chmodSync(STORE, '0777');
  chmodSync(unguessable, 0o600);
}

if (process.env.NODE_ENV === 'development') {
  app.use(errorhandler());
} else {
  app.use((err, req, res, next) => res.status(500).json({ error: 'internal' }));
}

export default app;
