import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Header,
  Injectable,
  Logger,
  Param,
  ParseIntPipe,
  Post,
  Query,
  Redirect,
  Res,
  UploadedFile,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { FileInterceptor } from '@nestjs/platform-express';
import { InjectRepository } from '@nestjs/typeorm';
import { Response } from 'express';
import { execFile } from 'node:child_process';
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { DataSource, Repository } from 'typeorm';
import { PrismaClient } from '@prisma/client';
import { IsInt, IsString, MaxLength, MinLength } from 'class-validator';
import { Appointment } from './appointment.entity';

const prisma = new PrismaClient();
const ROOMS: readonly string[] = ['garden', 'tower', 'river'];

export class NewAppointment {
  @IsInt()
  patient!: number;

  @IsString()
  @MaxLength(200)
  reason!: string;
}

export class NewNurse {
  @IsString()
  @MaxLength(60)
  name!: string;

  @IsString()
  @MinLength(12)
  @MaxLength(100)
  password!: string;
}

export class NewVisitor {
  @IsString()
  @MinLength(4)
  @MaxLength(72)
  password!: string;
}

@Injectable()
export class AppointmentService {
  constructor(
    @InjectRepository(Appointment) private readonly repository: Repository<Appointment>,
    private readonly source: DataSource,
  ) {}

  forPatient(patient: number): Promise<Appointment[]> {
    return this.repository.find({ where: { patient }, take: 50 });
  }

  byReason(reason: string): Promise<Appointment[]> {
    return this.repository
      .createQueryBuilder('a')
      .where('a.reason ILIKE :reason', { reason: `%${reason}%` })
      .getMany();
  }

  count(): Promise<unknown> {
    return this.source.query('SELECT count(*) FROM appointment');
  }
}

@UseGuards(AuthGuard('jwt'))
@Controller('appointments')
export class AppointmentsController {
  private readonly logger = new Logger(AppointmentsController.name);

  constructor(
    private readonly service: AppointmentService,
    private readonly source: DataSource,
    @InjectRepository(Appointment) private readonly repository: Repository<Appointment>,
  ) {}

  @Get('patient/:id')
  forPatient(@Param('id', ParseIntPipe) id: number) {
    return this.service.forPatient(id);
  }

  @Get('reason')
  byReason(@Query('q') q: string) {
    return this.service.byReason(q);
  }

  @Get('doctor')
  byDoctor(@Query('name') name: string) {
    return this.source.query(`SELECT id, starts FROM appointment WHERE doctor = '${name}'`);
  }

  @Get('nurse')
  byNurse(@Query('name') name: string) {
    return this.source.query('SELECT id, starts FROM appointment WHERE nurse = $1', [name]);
  }

  @Get('ward/:ward')
  byWard(@Param('ward') ward: string) {
    return this.repository
      .createQueryBuilder('a')
      .where("a.ward = '" + ward + "'")
      .getMany();
  }

  @Get('room')
  byRoom(@Query('room') room: string) {
    if (!ROOMS.includes(room)) {
      throw new BadRequestException('room');
    }
    return this.source.query(`SELECT id FROM appointment WHERE room = '${room}'`);
  }

  @Get('insurer')
  byInsurer(@Query('name') name: string) {
    return prisma.$queryRaw`SELECT id FROM appointment WHERE insurer = ${name}`;
  }

  @Get('insurer/prefix')
  byInsurerPrefix(@Query('prefix') prefix: string) {
    return prisma.$queryRawUnsafe(`SELECT id FROM appointment WHERE insurer LIKE '${prefix}%'`);
  }

  @Get('insurer/exact')
  byInsurerExact(@Query('name') name: string) {
    return prisma.$queryRawUnsafe('SELECT id FROM appointment WHERE insurer = $1', name);
  }

  @Post()
  async create(@Body() dto: NewAppointment): Promise<{ id: number }> {
    const saved = await this.repository.save({ patient: dto.patient, reason: dto.reason });
    this.logger.log(`appointment ${saved.id} created for patient ${Number(dto.patient)}`);
    return { id: saved.id };
  }

  @Get('letter')
  async letter(@Query('file') file: string, @Res() res: Response) {
    const content = await fs.readFile(join('/srv/clinic/letters', file));
    res.type('application/pdf').send(content);
  }

  @Get('form/:number')
  async form(@Param('number', ParseIntPipe) number: number, @Res() res: Response) {
    const content = await fs.readFile(join('/srv/clinic/forms', `${number}.pdf`));
    res.type('application/pdf').send(content);
  }

  @Post('print')
  print(@Body('printer') printer: string, @Res() res: Response) {
    execFile(printer, ['/srv/clinic/today.pdf'], (err) => res.status(err ? 500 : 204).end());
  }

  @Get('welcome')
  @Header('Content-Type', 'text/html')
  welcome(@Query('name') name: string): string {
    return `<h1>Good morning, ${name}</h1>`;
  }

  @Get('calendar')
  @Redirect('https://kalender.klinik.example', 302)
  calendar() {
    return undefined;
  }

  @Get('leave')
  leave(@Query('next') next: string, @Res() res: Response) {
    res.redirect(next);
  }

  @Post('photo')
  @UseInterceptors(
    FileInterceptor('photo', {
      dest: '/srv/clinic/photos',
      limits: { fileSize: 4_000_000 },
      fileFilter: (_req, file, done) => done(null, file.mimetype === 'image/jpeg'),
    }),
  )
  photo(@UploadedFile() photo: { size: number }) {
    return { size: photo.size };
  }
}
