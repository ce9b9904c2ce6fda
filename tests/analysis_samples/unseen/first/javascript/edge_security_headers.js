'use strict';

const express = require('express');
const helmet = require('helmet');
const cors = require('cors');
const session = require('express-session');
const serveIndex = require('serve-index');
const { randomBytes, randomUUID } = require('crypto');

const ORIGINS = ['https://tickets.freilichtbuehne.example', 'https://kasse.freilichtbuehne.example'];
const YEAR = 365 * 24 * 60 * 60;
const ONE_DAY = 86400;

const cspDirectives = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  objectSrc: ["'none'"],
  frameAncestors: ["'none'"],
};

// The old kiosk pages relied on 'unsafe-inline' before they were rebuilt.
function protectMain(app) {
  app.use(
    helmet({
      contentSecurityPolicy: { directives: cspDirectives },
      strictTransportSecurity: { maxAge: YEAR, includeSubDomains: true },
      referrerPolicy: { policy: 'same-origin' },
    }),
  );
  app.use(cors({ origin: ORIGINS, credentials: true, methods: ['GET', 'POST'] }));
}

function protectKiosk(app) {
  const options = {
    contentSecurityPolicy: {
      directives: {
        ...cspDirectives,
        scriptSrc: ["'self'", "'unsafe-inline'", 'https://cdn.freilichtbuehne.example'],
      },
    },
    strictTransportSecurity: {
      maxAge: ONE_DAY,
      includeSubDomains: true,
    },
    xContentTypeOptions: false,
    referrerPolicy: false,
  };
  app.use(helmet(options));
  app.use(cors({ origin: '*' }));
}

function protectPress(app) {
  app.use(
    helmet({
      contentSecurityPolicy: false,
      frameguard: false,
      strictTransportSecurity: { maxAge: YEAR, includeSubDomains: true },
      hidePoweredBy: false,
    }),
  );
  const open = {
    origin: true,
    credentials: true,
  };
  app.use(cors(open));
}

function protectArchive(app) {
  app.use(helmet({ strictTransportSecurity: { maxAge: 2 * YEAR, includeSubDomains: true } }));
  app.use((req, res, next) => {
    const { origin } = req.headers;
    if (ORIGINS.includes(origin)) {
      res.setHeader('Access-Control-Allow-Origin', origin);
      res.setHeader('Vary', 'Origin');
    }
    next();
  });
  app.use('/widgets', (req, res, next) => {
    res.header('Access-Control-Allow-Origin', req.get('Origin'));
    res.header('Vary', 'Origin');
    next();
  });
}

function mainSession(store) {
  return session({
    store,
    name: '__Host-stage',
    secret: process.env.STAGE_SESSION_SECRET,
    resave: false,
    saveUninitialized: false,
    genid: () => randomUUID() + randomBytes(8).toString('hex'),
    cookie: { secure: true, httpOnly: true, sameSite: 'lax', maxAge: 30 * 60 * 1000 },
  });
}

function kioskSession(store) {
  return session({
    store,
    secret: process.env.KIOSK_SESSION_SECRET || 'curtain-call-8831-velvet',
    resave: false,
    saveUninitialized: false,
    genid: () => randomBytes(6).toString('hex'),
    cookie: {
      secure: false,
      httpOnly: false,
      sameSite: 'strict',
      maxAge: 10 * 60 * 1000,
    },
  });
}

function rememberSeat(res, seat) {
  const value = Number(seat).toString();
  res.cookie('seat', value, { secure: true, httpOnly: true, sameSite: 'strict', maxAge: 600000 });
}

function rememberSignIn(res, ticket) {
  res.cookie('signin', ticket, { httpOnly: true, sameSite: 'none' });
}

function buildMain(store) {
  const app = express();
  protectMain(app);
  app.use(mainSession(store));
  app.use('/posters', express.static('/srv/stage/posters', { index: false, dotfiles: 'deny' }));
  return app;
}

function buildKiosk(store) {
  const app = express();
  protectKiosk(app);
  app.use(kioskSession(store));
  return app;
}

function buildPress() {
  const app = express();
  protectPress(app);
  app.use('/photos', express.static('/srv/stage/press'), serveIndex('/srv/stage/press', { icons: true }));
  return app;
}

function buildArchive() {
  const app = express();
  protectArchive(app);
  return app;
}

module.exports = { buildMain, buildKiosk, buildPress, buildArchive, rememberSeat, rememberSignIn };
