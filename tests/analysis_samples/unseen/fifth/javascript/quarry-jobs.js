'use strict';

const fs = require('fs');
const path = require('path');
const url = require('url');
const querystring = require('querystring');
const childProcess = require('child_process');
const EventEmitter = require('events');
const polka = require('polka');
const sanitizeHtml = require('sanitize-html');
const shell = require('shelljs');
const { Sequelize, DataTypes, QueryTypes } = require('sequelize');
const pgp = require('pg-promise')({ capSQL: true });

const db = pgp(process.env.QUARRY_DB);
const orm = new Sequelize(process.env.QUARRY_DB, { logging: false });
const Block = orm.define('block', { stone: DataTypes.STRING });
const BLASTS = '/srv/quarry/blasts';
const STONES = ['granite', 'slate', 'marble'];

class Job {
  constructor(params) {
    this.params = params;
    this.stone = params.get('stone');
  }

  get checkedStone() {
    const known = STONES.find((stone) => stone === this.stone);
    if (!known) throw new TypeError('stone');
    return known;
  }

  get command() {
    return 'crush --stone ' + this.stone;
  }

  get checkedCommand() {
    return 'crush --stone ' + this.checkedStone;
  }
}

function* conditionsOf(params) {
  for (const [key, value] of params) {
    if (STONES.includes(key)) yield `${key} = '${value}'`;
  }
}

const compose = (...steps) => (input) => steps.reduce((value, step) => step(value), input);
const toCount = compose((v) => parseInt(v, 10), (v) => Math.max(0, v || 0));
const bus = new EventEmitter();

bus.on('crush', (job) => {
  childProcess.exec(job.command, () => {});
});

bus.on('crush-checked', (job) => {
  childProcess.exec(job.checkedCommand, () => {});
});

const handlers = {
  '/crush': (params, res) => {
    bus.emit('crush', new Job(params));
    res.end('ok');
  },
  '/crush/checked': (params, res) => {
    bus.emit('crush-checked', new Job(params));
    res.end('ok');
  },
  '/blocks': async (params, res) => {
    const rows = await db.any('SELECT id FROM blocks WHERE stone = $1 LIMIT $2', [params.get('stone'), toCount(params.get('n'))]);
    res.end(JSON.stringify(rows));
  },
  '/blocks/any': async (params, res) => {
    const where = [...conditionsOf(params)].join(' OR ');
    const rows = await db.any('SELECT id FROM blocks WHERE ' + where);
    res.end(JSON.stringify(rows));
  },
  '/blocks/count': async (params, res) => {
    const rows = await db.one(`SELECT count(*) FROM blocks WHERE weight > ${toCount(params.get('kg'))}`);
    res.end(JSON.stringify(rows));
  },
  '/blocks/format': async (params, res) => {
    const query = pgp.as.format('SELECT id FROM blocks WHERE stone = ${stone}', { stone: params.get('stone') });
    res.end(JSON.stringify(await db.any(query)));
  },
  '/blocks/where': async (params, res) => {
    const rows = await Block.findAll({ where: orm.literal("stone = '" + params.get('stone') + "'") });
    res.end(JSON.stringify(rows));
  },
  '/blocks/bind': async (params, res) => {
    const rows = await orm.query('SELECT id FROM blocks WHERE stone = $stone', { bind: { stone: params.get('stone') }, type: QueryTypes.SELECT });
    res.end(JSON.stringify(rows));
  },
  '/plaque': (params, res) => {
    res.setHeader('Content-Type', 'text/html');
    res.write('<h1>');
    res.write(params.get('text'));
    res.end('</h1>');
  },
  '/plaque/clean': (params, res) => {
    res.setHeader('Content-Type', 'text/html');
    res.end('<h1>' + sanitizeHtml(params.get('text')) + '</h1>');
  },
  '/blast': (params, res) => {
    fs.createReadStream(BLASTS + '/' + params.get('file')).pipe(res);
  },
  '/blast/checked': (params, res) => {
    const file = path.normalize(path.join(BLASTS, params.get('file')));
    if (!file.startsWith(BLASTS + path.sep)) {
      res.statusCode = 404;
      res.end();
      return;
    }
    fs.createReadStream(file).pipe(res);
  },
  '/blast/promised': (params, res) => {
    Promise.resolve(params.get('file'))
      .then((name) => `${BLASTS}/${name}.log`)
      .then((name) => fs.promises.readFile(name))
      .then((data) => res.end(data), () => res.end());
  },
  '/away': (params, res) => {
    res.writeHead(302, { Location: params.get('to') });
    res.end();
  },
  '/stay': (params, res) => {
    res.writeHead(302, { Location: '/plaque?text=' + encodeURIComponent(params.get('to')) });
    res.end();
  },
};

function onRequest(req, res) {
  const parsed = new URL(req.url, 'https://quarry.example');
  const handler = Object.hasOwn(handlers, parsed.pathname) ? handlers[parsed.pathname] : null;
  if (!handler) {
    res.statusCode = 404;
    res.end();
    return;
  }
  handler(parsed.searchParams, res);
}

const app = polka();

app.get('/sift', (req, res) => {
  const { mesh = 'fine' } = querystring.parse(url.parse(req.url).query);
  const out = shell.exec(`sift --mesh ${mesh}`, { silent: true });
  res.end(String(out.code));
});

app.get('/sift/fine', (req, res) => {
  let mesh = req.query.mesh;
  switch (mesh) {
    case 'fine':
    case 'coarse':
      break;
    default:
      mesh = 'fine';
  }
  const out = shell.exec('sift --mesh ' + mesh, { silent: true });
  res.end(String(out.code));
});

app.get('/drill', (req, res) => {
  const args = ['--depth', req.query.depth];
  const [program] = [req.query.program, 'drill'];
  const child = childProcess.execFile(program, args);
  res.end(String(child.pid));
});

app.get('/drill/depth', (req, res) => {
  const depth = Number(req.query.depth);
  const child = childProcess.execFile('drill', ['--depth', `${depth}`]);
  res.end(String(child.pid));
});

app.get('/formula', (req, res) => {
  const scope = { load: 4 };
  const formula = 'load * ' + req.query.factor;
  const value = Number(eval(`const load = ${scope.load}; ${formula}`));
  res.end(String(value));
});

app.get('/formula/safe', (req, res) => {
  const factor = Number(req.query.factor);
  res.end(String(4 * factor));
});

module.exports = { app, onRequest };
