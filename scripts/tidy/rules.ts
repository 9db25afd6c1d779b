// Every rule of tidy, in the order of the report.
import { BORDER_RULES } from './border-rules';
import { COMMENT_RULES } from './comment-rules';
import { mapMatches } from './map-rules';
import { columns, fileLines, functionLines } from './size-rules';
import type { Rule } from './source-tree';
import { WORD_RULES } from './word-rules';

export const RULES: readonly Rule[] = [
  fileLines(),
  functionLines(),
  columns,
  ...WORD_RULES,
  ...BORDER_RULES,
  ...COMMENT_RULES,
  mapMatches,
];
