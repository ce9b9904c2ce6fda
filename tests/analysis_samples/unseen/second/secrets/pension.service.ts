import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { createCipheriv, randomBytes, scryptSync } from 'node:crypto';
import { ConfigService } from '@nestjs/config';

type Secret = { readonly name: string; readonly value: string };

export const AUTH_TOKEN = Symbol('AUTH_TOKEN');
export const PASSWORD_PIPE = 'PASSWORD_PIPE';
export const SECRET_KEYS = ['password', 'apiKey', 'clientSecret'] as const;

@Injectable()
export class PensionStrategy extends PassportStrategy(Strategy) {
  constructor(config: ConfigService) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: config.getOrThrow<string>('PENSION_JWT_SECRET'),
      algorithms: ['HS256'],
      issuer: 'https://id.pension.example',
      audience: 'pension',
      ignoreExpiration: false,
    });
  }

  validate(payload: { sub: string }): { id: string } {
    return { id: payload.sub };
  }
}

@Injectable()
export class ArchiveStrategy extends PassportStrategy(Strategy, 'archive') {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: 'Wum5Hk2WB6WhjT7Sj36SF5S3suupOuL2SbnhMxoE2FeVJD4E',
      algorithms: ['HS256'],
      issuer: 'https://id.pension.example',
      audience: 'pension-archive',
      ignoreExpiration: false,
    });
  }

  validate(payload: { sub: string }): { id: string } {
    return { id: payload.sub };
  }
}

@Injectable()
export class PensionVault {
  private readonly adminPassword: string = 'Rente-ab-67';
  private readonly readerPassword: string;
  private token?: string;
  static readonly secretName = 'pension/reader';

  constructor(private readonly config: ConfigService) {
    this.readerPassword = this.config.get('READER_PASSWORD', '');
  }

  login(): Secret[] {
    return [
      { name: 'admin', value: this.adminPassword },
      { name: 'reader', value: this.readerPassword },
    ];
  }

  seal(plain: Buffer): Buffer {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', Buffer.from('7694885f47427c40f4c541fe660495597207fb4c92e06da76a3298734e398797', 'hex'), iv);
    return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  sealFor(passphrase: string, plain: Buffer): Buffer {
    const iv = randomBytes(12);
    const salt = randomBytes(16);
    const key = scryptSync(passphrase, salt, 32, { N: 131072, r: 8, p: 1, maxmem: 256 * 1024 * 1024 });
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    return Buffer.concat([salt, iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }
}
