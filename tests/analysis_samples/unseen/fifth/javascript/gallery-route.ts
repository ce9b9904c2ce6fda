import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { NextRequest, NextResponse } from 'next/server';
import postgres from 'postgres';
import { drizzle } from 'drizzle-orm/postgres-js';
import { eq, sql as raw } from 'drizzle-orm';
import { z } from 'zod';
import { pictures } from './schema';

const client = postgres(process.env.GALLERY_DB as string, { ssl: 'verify-full', max: 5, connect_timeout: 5 });
const db = drizzle(client);
const run = promisify(execFile);
const ORIGINALS = path.resolve('/srv/gallery/originals');
const Wing = z.enum(['east', 'west']);

export async function GET(request: NextRequest) {
  const { searchParams } = request.nextUrl;
  const wing = Wing.parse(searchParams.get('wing'));
  const painter = searchParams.get('painter') ?? '';
  const found = await db.select().from(pictures).where(eq(pictures.painter, painter));
  const counted = await client.unsafe(`SELECT count(*) FROM pictures_${wing}`);
  return NextResponse.json({ found, counted });
}

export async function POST(request: NextRequest) {
  const body = await request.json();
  const rows = await client`SELECT id FROM pictures WHERE title = ${body.title}`;
  const more = await client.unsafe(`SELECT id FROM pictures WHERE title = '${body.title}'`);
  return NextResponse.json({ rows, more });
}

export async function PUT(request: NextRequest) {
  const form = await request.formData();
  const title = String(form.get('title'));
  await db.execute(raw`UPDATE pictures SET title = ${title} WHERE id = ${Number(form.get('id'))}`);
  await db.execute(raw.raw("UPDATE pictures SET note = '" + form.get('note') + "'"));
  return new NextResponse(null, { status: 204 });
}

export async function DELETE(request: NextRequest) {
  const id = Number(request.nextUrl.searchParams.get('id'));
  if (!Number.isSafeInteger(id)) return NextResponse.json({ error: 'id' }, { status: 400 });
  await client.unsafe('DELETE FROM pictures WHERE id = ' + id);
  return new NextResponse(null, { status: 204 });
}

export async function image(request: NextRequest) {
  const name = request.nextUrl.searchParams.get('name') ?? '';
  const data = await readFile(path.join(ORIGINALS, name));
  return new NextResponse(data, { headers: { 'Content-Type': 'image/png' } });
}

export async function checkedImage(request: NextRequest) {
  const name = request.nextUrl.searchParams.get('name') ?? '';
  const target = path.resolve(ORIGINALS, name);
  const relative = path.relative(ORIGINALS, target);
  if (relative.startsWith('..') || path.isAbsolute(relative)) {
    return new NextResponse(null, { status: 404 });
  }
  return new NextResponse(await readFile(target), { headers: { 'Content-Type': 'image/png' } });
}

export async function proxy(request: NextRequest) {
  const source = request.nextUrl.searchParams.get('source') ?? '';
  const reply = await fetch(source, { signal: AbortSignal.timeout(5000) });
  return NextResponse.json({ status: reply.status });
}

export async function mirror(request: NextRequest) {
  const source = new URL(request.nextUrl.searchParams.get('source') ?? '', 'https://images.gallery.example');
  if (source.origin !== 'https://images.gallery.example') {
    return new NextResponse(null, { status: 400 });
  }
  const reply = await fetch(source, { signal: AbortSignal.timeout(5000) });
  return NextResponse.json({ status: reply.status });
}

export async function resize(request: NextRequest) {
  const { width } = await request.json();
  const { stdout } = await run('convert', ['in.png', '-resize', `${Number(width)}x`, 'out.png'], { timeout: 10_000 });
  return NextResponse.json({ stdout });
}

export async function filter(request: NextRequest) {
  const { command } = await request.json();
  const { stdout } = await run('convert', ['in.png', command, 'out.png'], { shell: true, timeout: 10_000 });
  return NextResponse.json({ stdout });
}

export async function leave(request: NextRequest) {
  const next = request.nextUrl.searchParams.get('next') ?? '/';
  redirect(next);
}

export async function continueTo(request: NextRequest) {
  const step = Wing.safeParse(request.nextUrl.searchParams.get('wing'));
  redirect(step.success ? `/wings/${step.data}` : '/');
}

export async function caption(request: NextRequest) {
  const text = request.nextUrl.searchParams.get('text') ?? '';
  return new Response(`<figcaption>${text}</figcaption>`, { headers: { 'Content-Type': 'text/html' } });
}

export async function captionText(request: NextRequest) {
  const text = request.nextUrl.searchParams.get('text') ?? '';
  return new Response(text, { headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' } });
}

export async function enter() {
  const jar = await cookies();
  const token = randomBytes(32).toString('base64url');
  jar.set('gallery_session', token, { secure: true, httpOnly: true, sameSite: 'lax', maxAge: 3600 });
  jar.set({ name: 'guide_session', value: token, secure: true, httpOnly: false, sameSite: 'strict' });
}

export async function share() {
  const incoming = await headers();
  const host = incoming.get('host');
  return NextResponse.json({ link: `https://${host}/unlock/${randomBytes(24).toString('hex')}` });
}

export function middleware(request: NextRequest) {
  const response = NextResponse.next();
  response.headers.set('Access-Control-Allow-Origin', request.headers.get('origin') ?? '');
  response.headers.set('X-Content-Type-Options', 'nosniff');
  response.headers.set('Content-Security-Policy', "default-src 'self'; script-src 'self'; frame-ancestors 'none'");
  response.headers.set('Strict-Transport-Security', 'max-age=63072000; includeSubDomains');
  return response;
}

export const previewHeaders = {
  'Content-Security-Policy': "default-src 'self'; script-src 'self' 'unsafe-eval'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'strict-origin',
};

export async function failed(request: NextRequest) {
  try {
    return NextResponse.json(JSON.parse(await request.text()));
  } catch (error) {
    return NextResponse.json({ detail: (error as Error).stack }, { status: 400 });
  }
}
