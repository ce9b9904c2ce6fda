import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { NextRequest, NextResponse } from 'next/server';
import { Prisma } from '@prisma/client';
import { z } from 'zod';
import { prisma } from '@/lib/prisma';
import { currentUser } from '@/lib/auth';

export const runtime = 'nodejs';

const ROUTES = ['borkum', 'juist', 'norderney'] as const;
const LANDINGS: Record<string, string> = { pier: '/landing/pier', ramp: '/landing/ramp' };
const bookingSchema = z.object({
  route: z.enum(ROUTES),
  seats: z.number().int().min(1).max(9),
  note: z.string().max(300).optional(),
});

const registration = z.object({
  mail: z.string().email(),
  password: z.string().min(12).max(16),
});

type Handler = (request: NextRequest) => Promise<Response>;

function signedIn(handler: Handler): Handler {
  return async (request) => {
    const user = await currentUser(request);
    if (user === null) {
      return NextResponse.json({ error: 'sign in first' }, { status: 401 });
    }
    return handler(request);
  };
}

export const GET = signedIn(async (request) => {
  const route = request.nextUrl.searchParams.get('route') ?? '';
  const rows = await prisma.$queryRaw(Prisma.sql`SELECT id, seats FROM booking WHERE route = ${route}`);
  return NextResponse.json(rows);
});

export const POST = signedIn(async (request) => {
  const parsed = bookingSchema.safeParse(await request.json());
  if (!parsed.success) {
    return NextResponse.json({ error: 'booking' }, { status: 422 });
  }
  const { route, seats, note } = parsed.data;
  const booking = await prisma.booking.create({ data: { route, seats, note: note ?? null } });
  return NextResponse.json({ id: booking.id }, { status: 201 });
});

export async function searchBookings(request: NextRequest): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const name = searchParams.get('name');
  const query = `SELECT id FROM booking WHERE passenger = '${name}' ORDER BY id`;
  const rows = await prisma.$queryRawUnsafe(query);
  return NextResponse.json(rows);
}

export async function boardingPass(request: NextRequest): Promise<Response> {
  const passenger = request.nextUrl.searchParams.get('passenger') ?? '';
  const page = `<!doctype html><title>Boarding</title><p>${passenger}</p>`;
  return new Response(page, { headers: { 'Content-Type': 'text/html; charset=utf-8' } });
}

export async function boardingText(request: NextRequest): Promise<Response> {
  const passenger = request.nextUrl.searchParams.get('passenger') ?? '';
  return new Response(`Boarding: ${passenger}`, {
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
  });
}

export async function leave(request: NextRequest): Promise<Response> {
  const target = request.nextUrl.searchParams.get('to');
  redirect(target ?? '/');
}

export async function land(request: NextRequest): Promise<Response> {
  const place = request.nextUrl.searchParams.get('place') === 'ramp' ? LANDINGS.ramp : LANDINGS.pier;
  return NextResponse.redirect(new URL(place, 'https://faehre.example'));
}

export async function weather(request: NextRequest): Promise<Response> {
  const station = request.nextUrl.searchParams.get('station') ?? '';
  if (!(ROUTES as readonly string[]).includes(station)) {
    return NextResponse.json({ error: 'station' }, { status: 400 });
  }
  const answer = await fetch(`https://wetter.faehre.example/${station}`, { signal: AbortSignal.timeout(4000) });
  return NextResponse.json(await answer.json());
}

export async function shipPhoto(request: NextRequest): Promise<Response> {
  const source = request.nextUrl.searchParams.get('source') as string;
  const answer = await fetch(source, { signal: AbortSignal.timeout(4000) });
  return new Response(answer.body, { headers: { 'Content-Type': 'image/jpeg' } });
}

export async function openSession(sessionToken: string): Promise<Response> {
  const jar = await cookies();
  jar.set('ferry_session', sessionToken, {
    httpOnly: true,
    secure: true,
    sameSite: 'lax',
    maxAge: 3600,
  });
  return NextResponse.json({ ok: true });
}

export async function openCounterSession(sessionToken: string): Promise<Response> {
  const response = NextResponse.json({ ok: true });
  response.cookies.set('counter_session', sessionToken, {
    httpOnly: false,
    secure: true,
    sameSite: 'strict',
    maxAge: 3600,
  });
  return response;
}

export async function prices(): Promise<Response> {
  const response = NextResponse.json({ adult: 24.5, child: 12 });
  response.headers.set('Access-Control-Allow-Origin', 'https://reisebuero.example');
  return response;
}

export async function timetable(): Promise<Response> {
  return new Response(JSON.stringify({ first: '06:15', last: '21:40' }), {
    headers: {
      'Content-Type': 'application/json',
      'Access-Control-Allow-Origin': '*',
    },
  });
}

export async function embedded(request: NextRequest): Promise<Response> {
  const response = NextResponse.json({ seats: 40 });
  const origin = request.headers.get('origin') ?? '';
  response.headers.set('Access-Control-Allow-Origin', origin);
  response.headers.set('Vary', 'Origin');
  return response;
}

export async function register(request: NextRequest): Promise<Response> {
  const parsed = registration.safeParse(await request.json());
  return NextResponse.json({ accepted: parsed.success }, { status: parsed.success ? 200 : 422 });
}
