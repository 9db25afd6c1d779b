// Checks the whole repository against the rules that no other tool knows: npm run tidy
import { join } from 'node:path';
import { RULES } from './tidy/rules';
import { SourceTree } from './tidy/source-tree';

const FILES_MIN = 20;

function main(root: string): number {
  const tree = SourceTree.read(root);
  let failed = 0;
  for (const rule of RULES) {
    const breaches = rule.find(tree);
    if (breaches.length === 0) continue;
    failed += 1;
    process.stdout.write(`✗ ${rule.name}\n`);
    for (const { path, line, message } of breaches) {
      process.stdout.write(`  ${line > 0 ? `${path}:${line}` : path}  ${message}\n`);
    }
  }
  if (tree.files.length < FILES_MIN) {
    failed += 1;
    process.stdout.write(`✗ only ${tree.files.length} files were seen in ${root}\n`);
  }
  process.stdout.write(`${tree.files.length} files, ${RULES.length} rules\n`);
  process.stdout.write(
    `${RULES.length - Math.min(failed, RULES.length)} passed, ${failed} failed\n`,
  );
  return failed === 0 ? 0 : 1;
}

process.exitCode = main(process.argv[2] ?? join(__dirname, '..'));
