// Writes src/generated anew from schemas/: npx tsx libs/kafka-protocol/generator/main.ts
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emitFiles } from './emit-file';
import { readSchemas } from './schema';

const GENERATED = join(__dirname, '..', 'src', 'generated');

const files = emitFiles(readSchemas());
rmSync(GENERATED, { recursive: true, force: true });
mkdirSync(GENERATED);
for (const [name, text] of files) writeFileSync(join(GENERATED, name), text);
process.stdout.write(`${files.size} files\n`);
