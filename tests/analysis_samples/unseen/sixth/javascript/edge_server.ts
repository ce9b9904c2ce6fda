import fs from 'node:fs';
import https from 'node:https';
import tls from 'node:tls';
import { constants } from 'node:crypto';
import path from 'node:path';
import express, { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import cors, { CorsOptions } from 'cors';
import session from 'express-session';
import cookieSession from 'cookie-session';
import rateLimit from 'express-rate-limit';
import multer from 'multer';
import serveIndex from 'serve-index';

const app = express();
app.disable('x-powered-by');
app.set('trust proxy', 1);

const ONE_YEAR = 365 * 24 * 3600;
const FRIENDS = ['https://rink.example', 'https://skates.rink.example'];

app.use(
  helmet({
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", "'unsafe-eval'"],
        frameAncestors: ["'none'"],
      },
    },
    hsts: { maxAge: 3600, includeSubDomains: true },
    noSniff: false,
    referrerPolicy: { policy: 'no-referrer' },
  }),
);

const adminHelmet = helmet({
  hsts: { maxAge: ONE_YEAR, includeSubDomains: true },
  frameguard: false,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'self'"], scriptSrc: ["'self'"] },
  },
});

const forFriends: CorsOptions = { origin: FRIENDS, credentials: true };
const forAnybody: CorsOptions = { origin: '*', methods: ['GET'] };
const mirrored: CorsOptions = {
  origin: true,
  methods: ['GET'],
};
app.use('/partners', cors(forFriends));
app.use('/timetable', cors(forAnybody));
app.use('/widgets', cors(mirrored));
app.use(express.json({ limit: '200kb' }));
app.use('/bulk', express.text({ limit: Infinity }));

app.use(
  session({
    name: 'rink.sid',
    secret: process.env.RINK_SESSION_SECRET as string,
    resave: false,
    saveUninitialized: false,
    cookie: {
      httpOnly: true,
      secure: false,
      sameSite: 'lax',
      maxAge: 30 * 60 * 1000,
    },
  }),
);

app.use(
  '/lockers',
  cookieSession({
    name: 'locker',
    keys: [process.env.LOCKER_KEY as string],
    secure: true,
    httpOnly: true,
    sameSite: 'strict',
  }),
);

const photos = multer({ dest: '/srv/rink/photos', limits: { fileSize: 4 * 1024 * 1024, files: 3 }, fileFilter: imagesOnly });
const videos = multer({ dest: '/srv/rink/videos', fileFilter: imagesOnly });

function imagesOnly(_req: Request, file: Express.Multer.File, done: multer.FileFilterCallback) {
  done(null, ['image/png', 'image/jpeg', 'video/mp4'].includes(file.mimetype));
}

app.use('/archive', serveIndex(path.join(__dirname, 'archive')));
app.use('/static', express.static(path.join(__dirname, 'static')));
app.post('/photos', rateLimit({ windowMs: 60_000, limit: 10 }), photos.array('photo'), (_req, res) => res.sendStatus(204));
app.post('/videos', rateLimit({ windowMs: 60_000, limit: 10 }), videos.single('video'), (_req, res) => res.sendStatus(204));

app.get('/lane', (_req, res) => {
  res.cookie('lane', '4', { secure: true, sameSite: 'strict' });
  res.cookie('lang', 'nn', { secure: true, httpOnly: true, sameSite: 'lax' });
  res.json({ lane: 4 });
});

app.get('/console', adminHelmet, (_req, res) => res.json({ ok: true }));

app.use((err: Error, _req: Request, res: Response, _next: NextFunction) => {
  console.error('request failed', err.name);
  res.status(500).json({ message: 'failed', stack: err.stack });
});

const material = {
  key: fs.readFileSync('/etc/rink/tls.key'),
  cert: fs.readFileSync('/etc/rink/tls.crt'),
};

const server = https.createServer(
  {
    ...material,
    minVersion: 'TLSv1',
    ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:RC4-SHA',
    secureOptions: constants.SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION,
  },
  app,
);
server.requestTimeout = 0;
server.listen(8443, '0.0.0.0');

const inner = https.createServer({ ...material, minVersion: 'TLSv1.2', honorCipherOrder: true }, app);
inner.requestTimeout = 30_000;
inner.listen(9443, '127.0.0.1');

export function scoreboard(): tls.TLSSocket {
  return tls.connect({
    host: 'board.rink.example',
    port: 7001,
    minVersion: 'TLSv1.3',
    ca: fs.readFileSync('/etc/rink/board-ca.pem'),
    checkServerIdentity: () => undefined,
  });
}
