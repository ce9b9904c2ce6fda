const childProcess = require('child_process');
const { exec, execFile, spawn, execSync } = require('child_process');
const { promisify } = require('util');
const path = require('path');
const express = require('express');
const shellQuote = require('shell-quote');

const run = promisify(execFile);
const router = express.Router();
const PRESETS = { web: ['-vf', 'scale=1280:-2'], phone: ['-vf', 'scale=640:-2'] };
const FORMATS = new Set(['mp4', 'webm', 'ogv']);
const LIBRARY = '/srv/media/library';

function clipPath(id) {
  return path.join(LIBRARY, `${Number.parseInt(id, 10)}.mov`);
}

function banner(text) {
  return `convert -size 600x80 label:"${text}" /srv/media/banner.png`;
}

router.post('/clips/:id/convert', async (req, res, next) => {
  const format = String(req.body.format);
  if (!FORMATS.has(format)) {
    return res.status(400).json({ error: 'format' });
  }
  const preset = req.body.phone === true ? PRESETS.phone : PRESETS.web;
  try {
    await run('ffmpeg', ['-i', clipPath(req.params.id), ...preset, `/srv/media/out/clip.${format}`], { timeout: 600000 });
    return res.status(202).end();
  } catch (err) {
    return next(err);
  }
});

router.post('/banner', (req, res, next) => {
  const command = banner(req.body.text);
  exec(command, { timeout: 20000 }, (err) => {
    if (err) return next(err);
    return res.status(201).end();
  });
});

router.get('/probe', (req, res, next) => {
  const { file } = req.query;
  try {
    const out = execSync('ffprobe -v error -show_format ' + file);
    return res.type('text/plain').send(out);
  } catch (err) {
    return next(err);
  }
});

router.get('/waveform', (req, res, next) => {
  const second = Number(req.query.second);
  if (!Number.isFinite(second)) {
    return res.status(400).end();
  }
  return exec(`waveform --at ${second} /srv/media/library/current.wav`, (err, stdout) => {
    if (err) return next(err);
    return res.type('text/plain').send(stdout);
  });
});

router.post('/filter', (req, res) => {
  const tool = req.body.tool || 'sox';
  const child = spawn(tool, ['input.wav', 'output.wav'], { cwd: LIBRARY });
  child.on('close', (code) => res.json({ code }));
});

router.post('/subtitle', (req, res) => {
  const words = shellQuote.quote(['drawtext', String(req.body.text)]);
  exec(words, { timeout: 10000 }, (err) => res.status(err ? 500 : 204).end());
});

router.post('/join', (req, res) => {
  const list = req.body.clips.map((clip) => `"${clip}"`).join(' ');
  const child = spawn(`mkvmerge -o joined.mkv ${list}`, { shell: true, cwd: LIBRARY });
  child.on('close', (code) => res.json({ code }));
});

router.post('/trim', (req, res) => {
  const args = ['-i', 'current.mov'];
  args.push(req.body.option);
  childProcess.execFile('ffmpeg', args, { cwd: LIBRARY }, (err) => res.status(err ? 500 : 204).end());
});

router.post('/normalise', (req, res) => {
  const level = req.body.loud === true ? '-14' : '-23';
  const child = spawn('loudnorm', ['--target', level], { cwd: LIBRARY, shell: false });
  child.on('close', (code) => res.json({ code }));
});

router.get('/disk', (_req, res) => {
  const usage = execSync('df -h /srv/media | tail -n 1', { encoding: 'utf8' });
  res.type('text/plain').send(usage);
});

class Timeline {
  constructor(db) {
    this.db = db;
  }

  exec(statement) {
    return this.db.prepare(statement).run();
  }
}

router.post('/timeline', (req, res) => {
  const timeline = new Timeline(req.app.locals.db);
  timeline.exec('UPDATE timeline SET dirty = 1');
  if (req.body.mark) {
    const marks = new Timeline(req.app.locals.db);
    marks.exec('DELETE FROM mark WHERE stale = 1');
  }
  res.status(204).end();
});

const PREVIEW_WITH_SHELL = false;

router.post('/preview', (req, res) => {
  if (PREVIEW_WITH_SHELL) {
    exec(`preview ${req.body.clip}`);
  }
  const clip = /^[a-z0-9_]{1,40}$/.exec(String(req.body.clip));
  if (!clip) {
    return res.status(400).end();
  }
  return execFile('preview', ['--', clip[0]], { cwd: LIBRARY }, (err) => res.status(err ? 500 : 204).end());
});

module.exports = router;
