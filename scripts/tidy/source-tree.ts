// The files of the repository, read once for all rules.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as ts from 'typescript';

/**
 * One file that a breach was found in; `line` counts from 1, and is 0 when it is about the whole
 * file.
 */
export interface Breach {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** One rule: a name for the report, and a function that finds every breach of it. */
export interface Rule {
  readonly name: string;
  readonly find: (tree: SourceTree) => Breach[];
}

const TEXT_BYTES_MAX = 2_000_000;

/** One text file. Place: rules read it; nothing writes it. */
export class TreeFile {
  private parsed: ts.SourceFile | undefined;
  private split: readonly string[] | undefined;

  constructor(
    /** From the root, with forward slashes. */
    readonly path: string,
    readonly text: string,
  ) {}

  /** The lines without their ends; a final newline makes no line of its own. */
  get lines(): readonly string[] {
    this.split ??= this.text.replace(/\n$/, '').split('\n');
    return this.split;
  }

  get name(): string {
    return basename(this.path);
  }

  /** Code that people write: what lies in src/generated is its generator's business. */
  get isTypeScript(): boolean {
    const isGenerated = /^(libs|apps)\/[^/]+\/src\/generated\//.test(this.path);
    return /\.tsx?$/.test(this.path) && !this.path.endsWith('.d.ts') && !isGenerated;
  }

  get isScript(): boolean {
    return this.isTypeScript || /\.(js|mjs|cjs)$/.test(this.path);
  }

  get isCpp(): boolean {
    return /\.(h|cc)$/.test(this.path);
  }

  get isTest(): boolean {
    const isTestFile = /\.(spec|contract|property)\.ts$|_test\.cc$/.test(this.path);
    return isTestFile || /^test\/|^(libs|apps)\/[^/]+\/(test|testing)\//.test(this.path);
  }

  /** The syntax tree of a TypeScript file; parsed on first use, then kept. */
  get syntax(): ts.SourceFile {
    this.parsed ??= ts.createSourceFile(this.path, this.text, ts.ScriptTarget.ES2023, true);
    return this.parsed;
  }

  /** The line of a syntax node, from 1. */
  lineOf(node: ts.Node): number {
    return this.syntax.getLineAndCharacterOfPosition(node.getStart(this.syntax)).line + 1;
  }
}

/** All files that git tracks, or would track. */
export class SourceTree {
  constructor(readonly files: readonly TreeFile[]) {}

  /** A tree from path → text, for fixtures. */
  static of(files: Readonly<Record<string, string>>): SourceTree {
    return new SourceTree(Object.entries(files).map(([path, text]) => new TreeFile(path, text)));
  }

  /**
   * Reads a work tree: tracked files and new ones that git does not ignore, without binaries.
   *
   * @throws {Error} `root` is not in a git work tree.
   */
  static read(root: string): SourceTree {
    const listed = execFileSync(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
      { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 },
    );
    const files: TreeFile[] = [];
    for (const path of listed.split('\0')) {
      // A file deleted in the work tree is still listed until that is committed.
      if (path === '' || !existsSync(join(root, path))) continue;
      const bytes = readFileSync(join(root, path));
      if (bytes.length > TEXT_BYTES_MAX || bytes.subarray(0, 8000).includes(0)) continue;
      files.push(new TreeFile(path, bytes.toString('utf8')));
    }
    return new SourceTree(files);
  }

  /** The file at a path, if the tree has it. */
  file(path: string): TreeFile | undefined {
    return this.files.find((file) => file.path === path);
  }
}

/** Every line of some files that a pattern matches, as breaches with one message. */
export function linesMatching(
  files: readonly TreeFile[],
  pattern: RegExp,
  message: string | ((match: RegExpExecArray) => string),
): Breach[] {
  return files.flatMap((file) =>
    file.lines.flatMap((text, index) => {
      const match = pattern.exec(text);
      if (match === null) return [];
      const said = typeof message === 'string' ? message : message(match);
      return [{ path: file.path, line: index + 1, message: said }];
    }),
  );
}
