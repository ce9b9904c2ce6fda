'use strict';

const { execa, execaCommand } = require('execa');
const shell = require('shelljs');
const { WebSocketServer } = require('ws');
const restify = require('restify');
const simpleGit = require('simple-git');
const inspector = require('inspector');
const fs = require('fs');
const https = require('https');
const { operatorSession, isOperator } = require('./operator_session');

const TOOLS = new Map([
  ['uptime', '/usr/bin/uptime'],
  ['disk', '/usr/bin/df'],
]);
const HOSTNAME = /^[a-z0-9][a-z0-9-]{0,40}$/;

function requireOperator(req, res, next) {
  if (!req.operator) {
    res.send(401, { code: 'Unauthorized' });
    return next(false);
  }
  return next();
}

const server = restify.createServer({
  name: 'fleet',
  key: fs.readFileSync('/etc/fleet/tls.key'),
  certificate: fs.readFileSync('/etc/fleet/tls.crt'),
});
server.use(restify.plugins.queryParser());
server.use(restify.plugins.bodyParser({ maxBodySize: 64 * 1024, mapParams: false }));
server.use(restify.plugins.throttle({ burst: 20, rate: 10, ip: true }));
server.use(operatorSession);

server.get('/tools/:name', requireOperator, async (req, res) => {
  const tool = TOOLS.get(req.params.name);
  if (!tool) {
    res.send(404);
    return;
  }
  const { stdout } = await execa(tool, [], { timeout: 5000 });
  res.send(200, { stdout });
});

server.get('/ping', requireOperator, async (req, res) => {
  const host = String(req.query.host);
  if (!HOSTNAME.test(host)) {
    res.send(400);
    return;
  }
  const { exitCode } = await execa('ping', ['-c', '1', '--', host], { reject: false, timeout: 5000 });
  res.send(200, { up: exitCode === 0 });
});

server.get('/trace', requireOperator, async (req, res) => {
  const { stdout } = await execa(`traceroute ${req.query.host}`, { shell: true, timeout: 20000 });
  res.send(200, { stdout });
});

server.get('/lookup', requireOperator, (req, res, next) => {
  const line = 'dig +short ' + req.query.name;
  const { stdout } = shell.exec(line, { silent: true });
  res.send(200, { stdout });
  return next();
});

server.post('/run', requireOperator, async (req, res) => {
  const { program } = req.body;
  const { exitCode } = await execa(program, ['--status'], { reject: false, timeout: 5000 });
  res.send(200, { exitCode });
});

server.post('/rotate', requireOperator, async (_req, res) => {
  const { exitCode } = await execaCommand('logrotate /etc/fleet/logrotate.conf', { timeout: 20000 });
  res.send(200, { exitCode });
});

server.post('/labels', requireOperator, (req, res, next) => {
  const labels = new Map();
  for (const [key, value] of Object.entries(req.body.labels || {})) {
    labels.set(key, String(value));
  }
  res.send(200, { count: labels.size });
  return next();
});

const settings = { limits: {}, owner: 'fleet' };

server.post('/settings', requireOperator, (req, res, next) => {
  const { section, name, value } = req.body;
  settings[section][name] = value;
  res.send(204);
  return next();
});

server.post('/settings/owner', requireOperator, (req, res, next) => {
  settings.owner = String(req.body.owner).slice(0, 40);
  res.send(204);
  return next();
});

server.get('/reports/:kind', requireOperator, async (req, res) => {
  const report = await import(`./reports/${req.params.kind}.mjs`);
  res.send(200, { title: report.title });
});

server.get('/reports/daily', requireOperator, async (_req, res) => {
  const report = await import('./reports/daily.mjs');
  res.send(200, { title: report.title });
});

server.get('/ops/environment', (_req, res, next) => { res.send(200, process.env); return next(); });

server.get('/ops/alive', (_req, res, next) => {
  res.send(200, { alive: true });
  return next();
});

async function updatePlaybooks() {
  const git = simpleGit('/srv/fleet/playbooks', { timeout: { block: 30000 } });
  await git.pull('origin', 'release', ['--ff-only']);
}

function installProbe() {
  shell.exec('wget -qO- https://get.flotte.example/probe.sh | bash');
}

function installTools() {
  shell.exec('apt-get install --yes --no-install-recommends iproute2 dnsutils');
}

function installLegacyTools() {
  shell.exec('apt-get install --yes --allow-unauthenticated fleet-legacy-tools');
}

function remoteRestart() {
  return execa('ssh', ['-o', 'StrictHostKeyChecking=yes', 'gateway.flotte.example', 'systemctl restart fleet'], { timeout: 20000 });
}

function remoteRestartTram() {
  return execa('ssh', ['-o', 'StrictHostKeyChecking=no', 'tram.flotte.example', 'systemctl restart fleet'], { timeout: 20000 });
}

function openConsole() {
  inspector.open(9229, '0.0.0.0');
}

function liveFeed() {
  const secured = https.createServer({ key: fs.readFileSync('/etc/fleet/tls.key'), cert: fs.readFileSync('/etc/fleet/tls.crt') });
  const feed = new WebSocketServer({ server: secured, maxPayload: 16 * 1024, verifyClient: ({ req }) => isOperator(req) });
  feed.on('connection', (socket) => {
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString());
      if (message.kind === 'subscribe') {
        socket.send(JSON.stringify({ subscribed: true }));
      }
      if (message.kind === 'command') {
        shell.exec(`fleetctl ${message.command}`, { silent: true });
      }
    });
  });
  secured.listen(8444, '127.0.0.1');
}

server.listen(8443, '127.0.0.1');

module.exports = { server, updatePlaybooks, installProbe, installTools, installLegacyTools, remoteRestart, remoteRestartTram, openConsole, liveFeed };
