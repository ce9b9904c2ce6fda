import { Request, Response, Router } from 'express';
import { Pool } from 'pg';
import { spawn } from 'node:child_process';
import mongoose from 'mongoose';
import { User } from './models/user';

const router = Router();
const db = new Pool();

router.get('/accounts', async (req: Request, res: Response) => {
  const sort = req.query.sort as string;
  const result = await db.query(`SELECT * FROM accounts ORDER BY ${sort}`);
  res.json(result.rows);
});

router.get('/accounts/:id', async (req: Request, res: Response) => {
  const result = await db.query('SELECT * FROM accounts WHERE id = $1', [req.params.id]);
  res.json(result.rows);
});

router.post('/login', async (req: Request, res: Response) => {
  const user = await User.findOne({ name: req.body.name, password: req.body.password });
  res.json({ ok: Boolean(user) });
});

router.post('/login2', async (req: Request, res: Response) => {
  const user = await User.findOne({ name: String(req.body.name) });
  res.json({ ok: Boolean(user) });
});

router.post('/export', (req: Request, res: Response) => {
  const child = spawn(req.body.tool, ['--all']);
  child.stdout.pipe(res);
});

router.get('/go', (req: Request, res: Response) => {
  const target = req.query.to as string;
  return res.redirect(302, target);
});

export default router;
