import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import axios from 'axios';
import {
  BadRequestException, Body, Controller, Get, Header, Injectable, Logger, Module, NotFoundException,
  Param, ParseIntPipe, ParseUUIDPipe, Post, Query, Redirect, Req, Res, StreamableFile, UploadedFile, UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FileInterceptor } from '@nestjs/platform-express';
import { ThrottlerModule } from '@nestjs/throttler';
import { InjectDataSource, InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import type { Request, Response } from 'express';
import helmet from 'helmet';
import { DataSource, Repository } from 'typeorm';
import { Pallet } from './pallet.entity';

const CARRIERS: Record<string, string> = {
  rail: 'https://rail.carriers.example/slots',
  road: 'https://road.carriers.example/slots',
};
const MANIFESTS = '/srv/depot/manifests';

@Injectable()
export class PalletService {
  private readonly logger = new Logger(PalletService.name);

  constructor(
    @InjectRepository(Pallet) private readonly pallets: Repository<Pallet>,
    @InjectDataSource() private readonly source: DataSource,
  ) {}

  byBay(bay: string) {
    return this.pallets.createQueryBuilder('p').where('p.bay = :bay', { bay }).getMany();
  }

  byOwner(owner: string) {
    return this.pallets.createQueryBuilder('p').where(`p.owner = '${owner}'`).getMany();
  }

  weights(aisle: string) {
    return this.source.query('SELECT sum(weight) FROM pallet WHERE aisle = $1', [aisle]);
  }

  count(aisle: string) {
    return this.source.query('SELECT count(*) FROM pallet WHERE aisle = \'' + aisle + '\'');
  }

  heavier(than: number) {
    return this.source.query(`SELECT id FROM pallet WHERE weight > ${than}`);
  }

  note(id: number) {
    this.logger.log(`pallet ${id} was moved`);
  }
}

@Controller('pallets')
export class PalletController {
  private readonly logger = new Logger('pallets');

  constructor(private readonly service: PalletService) {}

  @Get('bay/:bay')
  inBay(@Param('bay') bay: string) {
    return this.service.byBay(bay);
  }

  @Get('owner')
  ofOwner(@Query('name') name: string) {
    return this.service.byOwner(name);
  }

  @Get('aisle/:aisle')
  async aisle(@Param('aisle') aisle: string) {
    const [weights, count] = await Promise.all([this.service.weights(aisle), this.service.count(aisle)]);
    return { weights, count };
  }

  @Get('heavy')
  heavy(@Query('kg', ParseIntPipe) kg: number) {
    return this.service.heavier(kg);
  }

  @Get('slots')
  async slots(@Query('carrier') carrier: string) {
    const url = CARRIERS[carrier];
    if (url === undefined) throw new BadRequestException();
    const { data } = await axios.get(url, { timeout: 5000 });
    return data;
  }

  @Post('callback')
  async callback(@Body() body: { url: string; id: number }) {
    await axios.post(body.url, { id: body.id }, { timeout: 5000 });
    return { ok: true };
  }

  @Get('manifest')
  manifest(@Query('file') file: string) {
    return new StreamableFile(createReadStream(join(MANIFESTS, file)));
  }

  @Get('manifest/base')
  manifestBase(@Query('file') file: string) {
    return new StreamableFile(createReadStream(join(MANIFESTS, basename(file))));
  }

  @Get('manifest/:id')
  manifestById(@Param('id', ParseUUIDPipe) id: string) {
    return new StreamableFile(createReadStream(join(MANIFESTS, id + '.pdf')));
  }

  @Get('card')
  @Header('Content-Type', 'text/html')
  card(@Query('label') label: string) {
    return `<div class="card">${label}</div>`;
  }

  @Get('docs')
  @Redirect('https://docs.depot.example', 302)
  docs() {}

  @Get('jump')
  jump(@Query('to') to: string, @Res() res: Response) {
    return res.redirect(to);
  }

  @Get('trace')
  trace(@Req() req: Request) {
    this.logger.warn('scan by ' + req.headers['x-scanner']);
    this.logger.warn('scan by ' + JSON.stringify(req.headers['x-scanner']));
    return { ok: true };
  }

  @Post('photo')
  @UseInterceptors(FileInterceptor('photo', {
    limits: { fileSize: 2_000_000, files: 1 },
    fileFilter: (_req, file, done) => done(null, file.mimetype === 'image/png'),
  }))
  photo(@UploadedFile() photo: Express.Multer.File) {
    if (!photo) throw new NotFoundException();
    return { size: photo.size };
  }
}

@Module({
  imports: [
    ThrottlerModule.forRoot([{ ttl: 60_000, limit: 100 }]),
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DEPOT_DB,
      ssl: { rejectUnauthorized: false },
      entities: [Pallet],
    }),
    TypeOrmModule.forFeature([Pallet]),
  ],
  controllers: [PalletController],
  providers: [PalletService],
})
export class DepotModule {}

async function bootstrap() {
  const app = await NestFactory.create(DepotModule);
  app.use(helmet({ hsts: { maxAge: 86400, includeSubDomains: true } }));
  app.enableCors({ origin: 'https://depot.example', credentials: true });
  await app.listen(3000, '0.0.0.0');
}

bootstrap();
