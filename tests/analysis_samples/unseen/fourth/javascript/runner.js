'use strict';

const cp = require('child_process');
const { exec, execFile, spawn } = require('child_process');
const { promisify } = require('util');
const vm = require('vm');
const Koa = require('koa');
const Router = require('@koa/router');
const { koaBody } = require('koa-body');
const shellQuote = require('shell-quote').quote;
const { execa, execaCommand } = require('execa');

const run = promisify(exec);
const runFile = promisify(execFile);
const router = new Router({ prefix: '/kiln' });

const PROGRAMS = { bisque: 'bisque-1000', glaze: 'glaze-1240' };
const COMMANDS = new Set(['status', 'vent', 'hold']);

function line(program, ...args) {
  return [program, ...args].join(' ');
}

function clean(name) {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) {
    throw new RangeError('name');
  }
  return name;
}

router.get('/log', async (ctx) => {
  const { stdout } = await run('tail -n 20 /var/log/kiln/' + ctx.query.day);
  ctx.body = { stdout };
});

router.get('/log/recent', async (ctx) => {
  const { stdout } = await run('tail -n 20 /var/log/kiln/current');
  ctx.body = { stdout };
});

router.get('/log/lines', async (ctx) => {
  const count = Number(ctx.query.count);
  const { stdout } = await run(`tail -n ${count} /var/log/kiln/current`);
  ctx.body = { stdout };
});

router.get('/log/clean', async (ctx) => {
  const { stdout } = await runFile('tail', ['-n', '20', '--', `/var/log/kiln/${clean(ctx.query.day)}`]);
  ctx.body = { stdout };
});

router.post('/start', async (ctx) => {
  const command = line('kilnctl', 'start', ctx.request.body.program);
  cp.execSync(command, { timeout: 5000 });
  ctx.body = { ok: true };
});

router.post('/start/known', async (ctx) => {
  const program = PROGRAMS[ctx.request.body.program];
  if (!program) ctx.throw(400);
  cp.execSync(line('kilnctl', 'start', program), { timeout: 5000 });
  ctx.body = { ok: true };
});

router.post('/command', async (ctx) => {
  const { command } = ctx.request.body;
  if (!COMMANDS.has(command)) ctx.throw(400);
  const { stdout } = await run(`kilnctl ${command}`);
  ctx.body = { stdout };
});

router.post('/quoted', async (ctx) => {
  const words = ['kilnctl', 'note', String(ctx.request.body.note)];
  const { stdout } = await run(shellQuote(words));
  ctx.body = { stdout };
});

router.post('/label', async (ctx) => {
  const child = spawn('kiln-label', [ctx.request.body.text], { shell: true });
  ctx.body = { pid: child.pid };
});

router.post('/label/plain', async (ctx) => {
  const child = spawn('kiln-label', ['--', String(ctx.request.body.text)], { shell: false });
  ctx.body = { pid: child.pid };
});

router.post('/tool', async (ctx) => {
  const child = cp.spawnSync(ctx.request.body.tool, ['--version']);
  ctx.body = { status: child.status };
});

router.post('/sh', async (ctx) => {
  const script = `for t in ${ctx.request.body.trays}; do kilnctl tray $t; done`;
  await runFile('/bin/sh', ['-c', script]);
  ctx.body = { ok: true };
});

router.post('/sh/env', async (ctx) => {
  const env = { PATH: '/usr/bin', TRAY: String(ctx.request.body.tray) };
  await runFile('/bin/sh', ['-c', 'kilnctl tray "$TRAY"'], { env });
  ctx.body = { ok: true };
});

router.post('/execa', async (ctx) => {
  const { stdout } = await execa('kilnctl', ['ramp', String(Number(ctx.request.body.ramp))]);
  ctx.body = { stdout };
});

router.post('/execa/line', async (ctx) => {
  const { stdout } = await execaCommand('kilnctl ramp ' + ctx.request.body.ramp, { shell: true });
  ctx.body = { stdout };
});

router.post('/batch', async (ctx) => {
  const steps = [];
  for (const step of ctx.request.body.steps) {
    steps.push('kilnctl ' + step);
  }
  const results = await Promise.all(steps.map((step) => run(step)));
  ctx.body = { count: results.length };
});

router.post('/batch/known', async (ctx) => {
  const steps = ctx.request.body.steps.filter((step) => COMMANDS.has(step)).map((step) => 'kilnctl ' + step);
  const results = await Promise.all(steps.map((step) => run(step)));
  ctx.body = { count: results.length };
});

router.post('/curve', async (ctx) => {
  const curve = new Function('t', 'return ' + ctx.request.body.curve);
  ctx.body = { at: curve(60) };
});

router.post('/curve/vm', async (ctx) => {
  ctx.body = { at: vm.runInNewContext(ctx.request.body.curve, { t: 60 }) };
});

router.post('/curve/points', async (ctx) => {
  const points = JSON.parse(ctx.request.body.points);
  ctx.body = { last: points.length - 1 };
});

router.post('/later', async (ctx) => {
  const { message } = ctx.request.body;
  setTimeout(() => {
    exec(`wall "${message}"`);
  }, 1000);
  ctx.body = { ok: true };
});

router.get('/module', async (ctx) => {
  const plugin = require('./plugins/' + ctx.query.plugin);
  ctx.body = { name: plugin.name };
});

router.get('/module/known', async (ctx) => {
  const plugin = ctx.query.plugin === 'gas' ? require('./plugins/gas') : require('./plugins/electric');
  ctx.body = { name: plugin.name };
});

const app = new Koa();
app.use(koaBody({ jsonLimit: '64kb', formLimit: '16kb' }));
app.use(router.routes());

module.exports = app;
