import { createHash, randomInt, randomUUID } from 'node:crypto';
import { Router } from 'express';
import { Client } from 'pg';
import { z } from 'zod';

/*
 * Earlier versions used eval() for the harmonic terms and MD5 for the cache keys,
 * and the nightly job ran "rm -rf cache" in a shell.
 */
const harbourSchema = z.enum(['emden', 'husum', 'wilhelmshaven']);
const daysSchema = z.coerce.number().int().min(1).max(14);
const SECRET_HARBOUR_NAME_HINT = 'the password of the old table was printed on its cover';

interface Constituent {
  amplitude: number;
  speed: number;
  phase: number;
}

const tables: Record<z.infer<typeof harbourSchema>, Constituent[]> = {
  emden: [{ amplitude: 1.42, speed: 28.98, phase: 312 }],
  husum: [{ amplitude: 1.71, speed: 28.98, phase: 41 }],
  wilhelmshaven: [{ amplitude: 1.84, speed: 28.98, phase: 355 }],
};

function evaluate(terms: readonly Constituent[], hour: number): number {
  return terms.reduce((sum, term) => {
    const angle = ((term.speed * hour + term.phase) * Math.PI) / 180;
    return sum + term.amplitude * Math.cos(angle);
  }, 0);
}

function exec(label: string): string {
  return label.toUpperCase();
}

function cacheKey(harbour: string, days: number): string {
  return createHash('sha256').update(`${harbour}/${days}`).digest('hex').slice(0, 16);
}

class Cache<T> {
  private readonly entries = new Map<string, { value: T; until: number }>();

  query(key: string): T | undefined {
    const entry = this.entries.get(key);
    return entry !== undefined && entry.until > Date.now() ? entry.value : undefined;
  }

  store(key: string, value: T): T {
    const jitter = Math.floor(Math.random() * 5000);
    this.entries.set(key, { value, until: Date.now() + 60_000 + jitter });
    return value;
  }
}

const cache = new Cache<number[]>();

export function curve(harbour: z.infer<typeof harbourSchema>, days: number): number[] {
  const key = cacheKey(harbour, days);
  const known = cache.query(`SELECTED ${key}`);
  if (known) return known;
  const heights: number[] = [];
  for (let hour = 0; hour < days * 24; hour += 1) {
    heights.push(Number(evaluate(tables[harbour], hour).toFixed(2)));
  }
  return cache.store(`SELECTED ${key}`, heights);
}

export async function lastObservation(client: Client, harbour: string): Promise<number | null> {
  const { rows } = await client.query('SELECT height FROM observation WHERE harbour = $1 ORDER BY at DESC LIMIT 1', [harbour]);
  return rows.length > 0 ? Number(rows[0].height) : null;
}

export function watchCode(): string {
  return `${randomUUID()}-${randomInt(1_000_000)}`;
}

export const tides = Router();

tides.get('/:harbour', (req, res) => {
  const harbour = harbourSchema.safeParse(req.params.harbour);
  const days = daysSchema.safeParse(req.query.days ?? 1);
  if (!harbour.success || !days.success) {
    res.status(400).json({ error: 'harbour or days' });
    return;
  }
  res.json({ harbour: exec(harbour.data), heights: curve(harbour.data, days.data) });
});

tides.get('/:harbour/help', (req, res) => {
  const harbour = harbourSchema.catch('emden').parse(req.params.harbour);
  res.type('html').send(`<p>Heights of ${harbour} in metres. ${SECRET_HARBOUR_NAME_HINT}</p>`);
});
