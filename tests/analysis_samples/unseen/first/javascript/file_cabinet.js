'use strict';

const fs = require('fs');
const fsp = require('fs/promises');
const os = require('os');
const path = require('path');
const express = require('express');
const multer = require('multer');
const AdmZip = require('adm-zip');
const tar = require('tar');

const ROOT = path.resolve('/srv/cabinet/files');
const KINDS = new Set(['application/pdf', 'image/png', 'image/jpeg']);
const LETTERS = { a: 'annual-report.pdf', b: 'byelaws.pdf' };

function inside(name) {
  const full = path.resolve(ROOT, name);
  const relative = path.relative(ROOT, full);
  if (relative.startsWith('..') || path.isAbsolute(relative)) {
    throw new RangeError('outside of the cabinet');
  }
  return full;
}

const scans = multer({
  dest: '/srv/cabinet/incoming',
  limits: { fileSize: 8 * 1024 * 1024, files: 4 },
  fileFilter: (_req, file, done) => done(null, KINDS.has(file.mimetype)),
});

const letters = multer({
  dest: '/srv/cabinet/letters',
  fileFilter: (_req, file, done) => done(null, KINDS.has(file.mimetype)),
});

const attachments = multer({
  storage: multer.diskStorage({
    destination: '/srv/cabinet/public/attachments',
    filename: (_req, file, done) => done(null, `${Date.now()}-${path.basename(file.originalname)}`),
  }),
  limits: { fileSize: 2 * 1024 * 1024 },
});

const router = express.Router();

router.get('/file', (req, res) => {
  let full;
  try {
    full = inside(String(req.query.name));
  } catch {
    return res.status(404).end();
  }
  return fs.createReadStream(full).on('error', () => res.status(404).end()).pipe(res);
});

router.get('/draft', (req, res) => {
  const name = req.query.name;
  fs.readFile(ROOT + '/drafts/' + name, (err, data) => {
    if (err) return res.status(404).end();
    return res.type('application/pdf').send(data);
  });
});

router.get('/letter/:key', (req, res) => {
  const file = req.params.key === 'a' ? LETTERS.a : LETTERS.b;
  res.sendFile(path.join(ROOT, file));
});

router.delete('/scan', async (req, res) => {
  const target = path.join(ROOT, 'scans', req.body.name);
  await fsp.unlink(target);
  res.status(204).end();
});

router.delete('/thumb', async (req, res) => {
  const target = path.join(ROOT, 'thumbs', path.basename(String(req.body.name)));
  await fsp.unlink(target);
  res.status(204).end();
});

router.post('/scans', scans.array('scan', 4), (req, res) => res.json({ stored: req.files.length }));
router.post('/letters', letters.single('letter'), (req, res) => res.json({ stored: Boolean(req.file) }));
router.post('/attachments', attachments.single('attachment'), (req, res) => res.json({ stored: Boolean(req.file) }));

function unpackBundle(archive, target) {
  const zip = new AdmZip(archive);
  for (const entry of zip.getEntries()) {
    const full = path.resolve(target, entry.entryName);
    if (!full.startsWith(target + path.sep) || entry.isDirectory) {
      continue;
    }
    fs.mkdirSync(path.dirname(full), { recursive: true });
    fs.writeFileSync(full, entry.getData());
  }
}

function unpackOldBundle(archive, target) {
  const zip = new AdmZip(archive);
  zip.getEntries().forEach((entry) => {
    if (!entry.isDirectory) {
      fs.writeFileSync(path.join(target, entry.entryName), entry.getData());
    }
  });
}

function unpackTape(archive, target) {
  return tar.x({ file: archive, cwd: target, strip: 1 });
}

function unpackMirror(archive, target) {
  return tar.x({
    file: archive,
    cwd: target,
    preservePaths: true,
  });
}

function writeIndex(rows) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'cabinet-'));
  const file = path.join(dir, 'index.csv');
  fs.writeFileSync(file, rows.join('\n'), { mode: 0o600 });
  return file;
}

function writeLabels(rows) {
  fs.writeFileSync('/tmp/cabinet-labels.csv', rows.join('\n'));
}

function shareFolder(name) {
  const folder = path.join('/srv/cabinet/shared', name);
  fs.mkdirSync(folder, { mode: 0o750 });
  fs.chmodSync(folder, 0o777);
  return folder;
}

function storeKey(pem) {
  fs.writeFileSync('/etc/cabinet/signing.key', pem, { mode: 0o600 });
}

function storeMirrorKey(pem) {
  fs.writeFileSync('/etc/cabinet/mirror-private.key', pem, { mode: 0o644 });
}

module.exports = { router, unpackBundle, unpackOldBundle, unpackTape, unpackMirror, writeIndex, writeLabels, shareFolder, storeKey, storeMirrorKey };
