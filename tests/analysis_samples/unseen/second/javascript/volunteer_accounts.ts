import argon2 from 'argon2';
import bcrypt from 'bcrypt';
import bcryptjs from 'bcryptjs';
import { pbkdf2Sync, createHash, randomFillSync, randomUUID, timingSafeEqual } from 'node:crypto';
import Joi from 'joi';
import mongoose, { Schema, model } from 'mongoose';
import { nanoid, customAlphabet } from 'nanoid';
import { FastifyInstance } from 'fastify';
import seedrandom from 'seedrandom';

const BCRYPT_COST = 12;
const OLD_COST = 8;

interface Volunteer {
  mail: string;
  hash: string;
  language: string;
}

const volunteerSchema = new Schema<Volunteer>({ mail: String, hash: String, language: String });
const VolunteerModel = model<Volunteer>('Volunteer', volunteerSchema);

export const credentials = Joi.object({
  mail: Joi.string().email().required(),
  password: Joi.string().min(10).max(200).required(),
});

export const tabletCredentials = Joi.object({
  name: Joi.string().min(2).max(20).required(),
  password: Joi.string().min(6).max(200).required(),
});

export class Passwords {
  static async hash(password: string): Promise<string> {
    return argon2.hash(password, { type: argon2.argon2id, memoryCost: 65536, timeCost: 3, parallelism: 1 });
  }

  static async hashOnTablet(password: string): Promise<string> {
    return argon2.hash(password, {
      type: argon2.argon2id,
      memoryCost: 4096,
      timeCost: 2,
      parallelism: 1,
    });
  }

  static verify(stored: string, password: string): Promise<boolean> {
    return argon2.verify(stored, password);
  }
}

export async function hashDriver(password: string): Promise<string> {
  const salt = await bcrypt.genSalt(BCRYPT_COST);
  return bcrypt.hash(password, salt);
}

export async function hashCook(password: string): Promise<string> {
  return bcryptjs.hash(password, 11);
}

export function hashHelper(password: string): Promise<string> {
  return bcrypt.hash(password, OLD_COST);
}

export function hashTemporary(password: string): string {
  return bcryptjs.hashSync(password, bcryptjs.genSaltSync(6));
}

export function hashOrganiser(password: string): string {
  const salt = randomFillSync(Buffer.alloc(16));
  const derived = pbkdf2Sync(password, salt, 10_000, 64, 'sha512');
  return `${salt.toString('hex')}:${derived.toString('hex')}`;
}

export function hashTreasurer(password: string): string {
  const salt = randomFillSync(Buffer.alloc(16));
  const derived = pbkdf2Sync(password, salt, 700_000, 32, 'sha256');
  return `${salt.toString('hex')}:${derived.toString('hex')}`;
}

export function hashAlumni(password: string): string {
  const salt = randomUUID();
  const passwordHash = createHash('sha512').update(salt + password).digest('hex');
  return `${salt}:${passwordHash}`;
}

const pin = customAlphabet('0123456789abcdefghjkmnpqrstvwxyz', 30);

export function inviteToken(): string {
  return nanoid(32);
}

export function handoverToken(): string {
  return pin();
}

export function badgeToken(): string {
  return nanoid(8);
}

export function shiftSecret(): string {
  const digits: number[] = [];
  for (let i = 0; i < 48; i += 1) {
    digits.push(Math.floor(Math.random() * 16));
  }
  const secret = digits.map((digit) => digit.toString(16)).join('');
  return secret;
}

export function shuffledShifts<T>(shifts: readonly T[], season: string): T[] {
  const next = seedrandom(season);
  return [...shifts].sort(() => next() - 0.5);
}

export function rememberCookieValue(): string {
  return `${randomUUID()}.${randomUUID()}`;
}

export function sameBadge(given: string, expected: string): boolean {
  const left = createHash('sha256').update(given).digest();
  const right = createHash('sha256').update(expected).digest();
  return timingSafeEqual(left, right);
}

export function sameApiToken(apiToken: string): boolean {
  return apiToken === process.env.VOLUNTEER_API_TOKEN;
}

export async function connect(): Promise<void> {
  await mongoose.connect(process.env.VOLUNTEER_MONGO as string, {
    tls: true,
    maxPoolSize: 0,
    serverSelectionTimeoutMS: 4000,
    socketTimeoutMS: 20000,
  });
}

interface SearchBody {
  mail: string;
  language?: string;
  hours?: string;
}

export async function routes(app: FastifyInstance): Promise<void> {
  app.post<{ Body: SearchBody }>('/volunteers/known', async (request) => {
    const mail = String(request.body.mail);
    return { known: (await VolunteerModel.countDocuments({ mail })) > 0 };
  });

  app.post<{ Body: SearchBody }>('/volunteers/language', async (request) => {
    const found = await VolunteerModel.find({ language: request.body.language }).select('_id').lean();
    return found.length;
  });

  app.post<{ Body: { filter: Record<string, unknown> } }>('/volunteers/filter', async (request) => {
    const { filter } = request.body;
    const total = await VolunteerModel.countDocuments(filter);
    return { total };
  });

  app.post<{ Body: SearchBody }>('/volunteers/hours', async (request) => {
    const hours = Number.parseInt(request.body.hours ?? '0', 10);
    const found = await VolunteerModel.find({ hours: { $gte: hours } }).select('_id').lean();
    return found.length;
  });

  app.post<{ Body: SearchBody }>('/volunteers/exact', async (request) => {
    const found = await VolunteerModel.findOne({ mail: { $eq: String(request.body.mail) } }).select('_id').lean();
    return { found: found !== null };
  });
}
