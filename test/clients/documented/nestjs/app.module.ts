import { Module } from '@nestjs/common';
import { HeroesController } from './heroes.controller';

/** What the documentation calls AppModule. */
@Module({ controllers: [HeroesController] })
export class AppModule {}
