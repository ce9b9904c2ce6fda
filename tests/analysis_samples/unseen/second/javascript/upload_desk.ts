import { createWriteStream, mkdtempSync, promises as fs, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, Server } from 'node:https';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { tmpdir } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { randomUUID } from 'node:crypto';
import Busboy from 'busboy';
import formidable from 'formidable';
import JSZip from 'jszip';
import tar from 'tar-stream';
import tmp from 'tmp';
import unzipper from 'unzipper';

const STORE = '/srv/upload-desk/store';
const ALLOWED = new Set(['.pdf', '.odt', '.png']);
const MAX_BYTES = 10 * 1024 * 1024;

type Done = (names: string[]) => void;

function within(root: string, name: string): string {
  const full = resolve(root, name);
  if (!full.startsWith(root + sep)) {
    throw new Error('name leaves the folder');
  }
  return full;
}

export function receive(req: IncomingMessage, done: Done): void {
  const names: string[] = [];
  const busboy = Busboy({ headers: req.headers, limits: { fileSize: MAX_BYTES, files: 5, fields: 20 } });
  busboy.on('file', (_field, stream, info) => {
    const extension = extname(info.filename).toLowerCase();
    if (!ALLOWED.has(extension)) {
      stream.resume();
      return;
    }
    const name = `${randomUUID()}${extension}`;
    names.push(name);
    stream.pipe(createWriteStream(join(STORE, name)));
  });
  busboy.on('close', () => done(names));
  req.pipe(busboy);
}

export function receiveFromScanner(req: IncomingMessage, done: Done): void {
  const names: string[] = [];
  const busboy = Busboy({ headers: req.headers, limits: { fileSize: MAX_BYTES, files: 5, fields: 20 } });
  busboy.on('file', (_field, stream, info) => {
    if (info.mimeType !== 'image/png') {
      stream.resume();
      return;
    }
    const target = join(STORE, 'scanner', info.filename);
    names.push(info.filename);
    stream.pipe(createWriteStream(target));
  });
  busboy.on('close', () => done(names));
  req.pipe(busboy);
}

export async function receiveForm(req: IncomingMessage): Promise<number> {
  const form = formidable({
    uploadDir: STORE,
    maxFileSize: MAX_BYTES,
    filter: ({ mimetype }) => mimetype === 'application/pdf',
  });
  const [, files] = await form.parse(req);
  return Object.keys(files).length;
}

export async function receiveVideo(req: IncomingMessage): Promise<number> {
  const form = formidable({
    uploadDir: join(STORE, 'video'),
    maxFileSize: Infinity,
    filter: ({ mimetype }) => mimetype === 'video/mp4',
  });
  const [, files] = await form.parse(req);
  return Object.keys(files).length;
}

export async function unzipFolder(archive: string, target: string): Promise<void> {
  const directory = await unzipper.Open.file(archive);
  for (const file of directory.files) {
    if (file.type === 'Directory') continue;
    const full = within(resolve(target), file.path);
    await fs.mkdir(dirname(full), { recursive: true });
    await pipeline(file.stream(), createWriteStream(full));
  }
}

export async function unzipMap(archive: string, target: string): Promise<void> {
  const directory = await unzipper.Open.file(archive);
  for (const file of directory.files) {
    const full = join(target, file.path);
    await pipeline(file.stream(), createWriteStream(full));
  }
}

export async function unzipFlat(data: Buffer, target: string): Promise<void> {
  const zip = await JSZip.loadAsync(data);
  for (const entry of Object.values(zip.files)) {
    await fs.writeFile(join(target, basename(entry.name)), await entry.async('nodebuffer'));
  }
}

export async function untar(source: NodeJS.ReadableStream, target: string): Promise<void> {
  const extract = tar.extract();
  extract.on('entry', (header, stream, next) => {
    stream.on('end', next);
    stream.pipe(createWriteStream(`${target}/${header.name}`));
  });
  await pipeline(source, extract);
}

export function workFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'desk-'));
  const file = join(folder, 'work.txt');
  writeFileSync(file, content, { flag: 'wx', mode: 0o600 });
  return file;
}

export function scratchFile(content: string): string {
  const created = tmp.fileSync({ mode: 0o600, postfix: '.txt' });
  writeFileSync(created.fd, content);
  return created.name;
}

export function draftFile(content: string): string {
  const name = tmp.tmpNameSync({ postfix: '.txt' });
  writeFileSync(name, content);
  return name;
}

export async function lockFile(): Promise<void> {
  await fs.writeFile('/tmp/upload-desk.lock', String(process.pid));
}

export async function publish(name: string): Promise<void> {
  await fs.chmod(within(STORE, name), 0o644);
}

export async function openInbox(): Promise<void> {
  await fs.mkdir('/srv/upload-desk/inbox', { recursive: true });
  await fs.chmod('/srv/upload-desk/inbox', '777');
}

export function serve(key: Buffer, cert: Buffer): Server {
  const server = createServer({ key, cert, minVersion: 'TLSv1.2' }, (req: IncomingMessage, res: ServerResponse) => {
    receive(req, (names) => {
      res.writeHead(201, { 'Content-Type': 'application/json' });
      res.end(JSON.stringify(names));
    });
  });
  server.requestTimeout = 60_000;
  server.headersTimeout = 10_000;
  return server.listen(8443, '127.0.0.1');
}
