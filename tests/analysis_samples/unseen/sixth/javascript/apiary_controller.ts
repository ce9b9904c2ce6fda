import { BadRequestException, Body, Controller, Get, Header, Injectable, Logger, Param, ParseEnumPipe, ParseIntPipe, ParseUUIDPipe, Post, Query, Redirect, Req, Res, UseGuards, ValidationPipe } from '@nestjs/common';
import { HttpService } from '@nestjs/axios';
import { InjectModel } from '@nestjs/mongoose';
import { InjectRepository } from '@nestjs/typeorm';
import { Prisma, PrismaClient } from '@prisma/client';
import { IsAlphanumeric, IsIn, IsString, MaxLength } from 'class-validator';
import { Request, Response } from 'express';
import { readFile } from 'fs/promises';
import * as Handlebars from 'handlebars';
import * as _ from 'lodash';
import { Model } from 'mongoose';
import { basename, join, normalize, sep } from 'path';
import { firstValueFrom } from 'rxjs';
import { QueryTypes, Sequelize } from 'sequelize';
import { DataSource, Repository } from 'typeorm';
import { Hive } from './hive.entity';
import { SignedIn } from './signed-in.guard';

enum Strength {
  Weak = 'weak',
  Strong = 'strong',
}

export class TreatmentDto {
  @IsIn(['oxalic', 'formic'])
  agent!: string;

  @IsString()
  @MaxLength(80)
  remark!: string;

  @IsAlphanumeric()
  batch!: string;
}

const WEATHER = { north: 'https://north.weather.example', south: 'https://south.weather.example' } as const;
const SHEETS = '/srv/apiary/sheets';
const prisma = new PrismaClient();

@Injectable()
export class HiveStore {
  constructor(
    @InjectRepository(Hive) private readonly hives: Repository<Hive>,
    private readonly source: DataSource,
    private readonly sequelize: Sequelize,
  ) {}

  named(name: string) {
    return this.hives.createQueryBuilder('h').where('h.name = :name', { name }).getMany();
  }

  ofBreed(breed: string) {
    return this.hives
      .createQueryBuilder('h')
      .where(`h.breed = '${breed}'`)
      .orderBy('h.name')
      .getMany();
  }

  inYard(yard: string) {
    return this.source.query('SELECT id FROM hive WHERE yard = ' + `'${yard}'`);
  }

  inMeadow(meadow: string) {
    return this.source.query('SELECT id FROM hive WHERE meadow = $1', [meadow]);
  }

  heavier(kilos: number) {
    return this.sequelize.query(`SELECT id FROM hive WHERE kg > ${kilos}`, { type: QueryTypes.SELECT });
  }

  lighter(kilos: string) {
    return this.sequelize.query('SELECT id FROM hive WHERE kg < :kilos', { replacements: { kilos }, type: QueryTypes.SELECT });
  }
}

@Controller('hives')
@UseGuards(SignedIn)
export class HiveController {
  private readonly logger = new Logger(HiveController.name);

  constructor(
    private readonly store: HiveStore,
    private readonly http: HttpService,
    @InjectModel('Treatment') private readonly treatments: Model<any>,
  ) {}

  @Get('named/:name')
  named(@Param('name') name: string) {
    return this.store.named(name);
  }

  @Get('breed')
  breed(@Query('breed') breed: string) {
    return this.store.ofBreed(breed);
  }

  @Get('yard/:yard')
  yard(@Param('yard') yard: string) {
    return this.store.inYard(yard.trim());
  }

  @Get('meadow/:meadow')
  meadow(@Param('meadow') meadow: string) {
    return this.store.inMeadow(meadow);
  }

  @Get('weight/:kg')
  weight(@Param('kg', ParseIntPipe) kg: number, @Query('below') below: string) {
    return Promise.all([this.store.heavier(kg), this.store.lighter(below)]);
  }

  @Get('strength/:s')
  strength(@Param('s', new ParseEnumPipe(Strength)) s: Strength) {
    return prisma.$queryRawUnsafe(`SELECT id FROM hive WHERE strength = '${s}'`);
  }

  @Get('queen')
  queen(@Query('colour') colour: string) {
    return prisma.$queryRawUnsafe("SELECT id FROM queen WHERE colour = '" + colour + "'");
  }

  @Get('queen2')
  queen2(@Query('colour') colour: string) {
    return prisma.$queryRaw(Prisma.sql`SELECT id FROM queen WHERE colour = ${colour}`);
  }

  @Post('treatments/find')
  findTreatments(@Body() filter: any) {
    return this.treatments.find(filter).limit(20);
  }

  @Post('treatments/where')
  whereTreatments(@Query('agent') agent: string) {
    const clause = { $where: 'this.agent === "' + agent + '"' };
    return this.treatments.find(clause);
  }

  @Post('treatments')
  async treat(@Body(new ValidationPipe({ whitelist: true })) dto: TreatmentDto) {
    await this.treatments.create({ agent: dto.agent, remark: dto.remark });
    this.logger.log(`treated with ${dto.batch}`);
    return this.treatments.findOne({ agent: { $eq: dto.agent } });
  }

  @Get('weather')
  async weather(@Query('station') station: string) {
    const answer = await firstValueFrom(this.http.get(station, { timeout: 5000 }));
    return answer.data;
  }

  @Get('weather/:side')
  async weatherOf(@Param('side') side: string) {
    if (side !== 'north' && side !== 'south') throw new BadRequestException();
    const answer = await firstValueFrom(this.http.get(`${WEATHER[side]}/now`, { timeout: 5000 }));
    return answer.data;
  }

  @Get('sheet')
  sheet(@Query('name') name: string) {
    return readFile(`${SHEETS}/${name}`, 'utf8').then((text) => ({ text }));
  }

  @Get('sheet/:id')
  sheetOf(@Param('id', ParseUUIDPipe) id: string) {
    return readFile(join(SHEETS, `${id}.txt`), 'utf8').then((text) => ({ text }));
  }

  @Get('sheet2')
  sheet2(@Query('name') name: string) {
    const file = normalize(join(SHEETS, basename(name)));
    if (!file.startsWith(SHEETS + sep)) throw new BadRequestException();
    return readFile(file, 'utf8').then((text) => ({ text }));
  }

  @Post('settings')
  settings(@Body() body: Record<string, any>) {
    const settings: Record<string, any> = { units: 'kg' };
    _.set(settings, body.path, body.value);
    return { units: settings.units };
  }

  @Post('letter')
  letter(@Body('layout') layout: string, @Body('name') name: string) {
    const fixed = Handlebars.compile('Dear {{name}}')({ name });
    const custom = Handlebars.compile(layout)({ name });
    return { fixed, custom };
  }

  @Get('card')
  @Header('Content-Type', 'text/html')
  card(@Query('name') name: string) {
    return '<h2>' + name + '</h2>';
  }

  @Get('leave')
  @Redirect()
  leave(@Query('to') to: string) {
    return { url: to, statusCode: 302 };
  }

  @Get('home')
  home(@Req() req: Request, @Res() res: Response) {
    res.redirect(req.query.tab === 'queens' ? '/hives/queens' : '/hives');
  }
}
