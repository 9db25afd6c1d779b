// What breaks each lint rule: lint.spec.ts plants these, and fails when a rule has none.

/** Rule to a source that breaks it, and may break others too. */
type Plants = Readonly<Record<string, string>>;

/** In plain modules, `.mjs`. */
export const JAVASCRIPT: Plants = {
  'constructor-super': 'class A {}\nexport class B extends A {\n  constructor() {}\n}\n',
  eqeqeq: 'export const f = (a, b) => a == b;\n',
  'for-direction': 'for (let i = 0; i < 10; i--) f(i);\nfunction f() {}\n',
  'getter-return': 'export const a = { get b() {} };\n',
  'no-async-promise-executor': 'export const a = new Promise(async (done) => done(await 1));\n',
  'no-case-declarations':
    'export function f(a) {\n  switch (a) {\n    case 1:\n' +
    '      let b = a;\n      return b;\n  }\n}\n',
  'no-class-assign': 'class A {}\nA = 1;\nexport { A };\n',
  'no-compare-neg-zero': 'export const f = (a) => a === -0;\n',
  'no-cond-assign':
    'export function f(a, b) {\n  if ((a.c = b), (a = b)) return 1;\n  if (a = b) return a;\n}\n',
  'no-console': "console.log('a');\n",
  'no-const-assign': 'const a = 1;\na = 2;\nexport { a };\n',
  'no-constant-binary-expression': 'export const f = (a) => a + 1 ?? 2;\n',
  'no-constant-condition': 'export function f() {\n  if (1) return 2;\n}\n',
  'no-control-regex': 'export const a = /\\x1f/;\n',
  'no-debugger': 'debugger;\n',
  'no-dupe-class-members': 'export class A {\n  b() {}\n  b() {}\n}\n',
  'no-dupe-else-if': 'export function f(a) {\n  if (a) return 1;\n  else if (a) return 2;\n}\n',
  'no-dupe-keys': 'export const a = { b: 1, b: 2 };\n',
  'no-duplicate-case':
    'export function f(a) {\n  switch (a) {\n    case 1:\n' +
    '      return 1;\n    case 1:\n      return 2;\n  }\n}\n',
  'no-empty': "try {\n  JSON.parse('{');\n} catch {}\n",
  'no-empty-character-class': 'export const a = /b[]/;\n',
  'no-empty-pattern': 'export function f(a) {\n  const {} = a;\n}\n',
  'no-empty-static-block': 'export class A {\n  static {}\n}\n',
  'no-ex-assign': 'try {\n  f();\n} catch (error) {\n  error = 1;\n}\nfunction f() {}\n',
  'no-extra-boolean-cast': 'export const f = (a) => (!!a ? 1 : 2);\n',
  'no-fallthrough':
    'export function f(a, g) {\n  switch (a) {\n    case 1:\n' +
    '      g();\n    case 2:\n      g();\n  }\n}\n',
  'no-func-assign': 'function f() {}\nf = 1;\nexport { f };\n',
  'no-global-assign': 'Object = 1;\n',
  'no-import-assign': "import { join } from 'node:path';\njoin = 1;\n",
  'no-invalid-regexp': "export const a = new RegExp('[');\n",
  'no-irregular-whitespace': 'export const\u00a0a = 1;\n',
  'no-loss-of-precision': 'export const a = 9007199254740993;\n',
  'no-misleading-character-class': 'export const a = /[👍]/;\n',
  'no-new-native-nonconstructor': "export const a = new Symbol('b');\n",
  'no-obj-calls': 'export const a = Math();\n',
  'no-prototype-builtins': "export const f = (a) => a.hasOwnProperty('b');\n",
  'no-redeclare': 'var a = 1;\nvar a = 2;\nexport { a };\n',
  'no-regex-spaces': 'export const a = /b  c/;\n',
  'no-self-assign': 'export function f(a) {\n  a = a;\n  return a;\n}\n',
  'no-setter-return': 'export const a = {\n  set b(c) {\n    return c;\n  },\n};\n',
  'no-shadow-restricted-names': 'export function f(undefined) {\n  return undefined;\n}\n',
  'no-sparse-arrays': 'export const a = [1, , 2];\n',
  'no-this-before-super':
    'class A {}\nexport class B extends A {\n' +
    '  constructor() {\n    this.c = 1;\n    super();\n  }\n}\n',
  'no-unassigned-vars': 'let a;\nexport const f = () => a;\n',
  'no-undef': 'export const a = neverDefined;\n',
  'no-unreachable': 'export function f(g) {\n  return 1;\n  g();\n}\n',
  'no-unsafe-finally':
    'export function f() {\n  try {\n    return 1;\n  } finally {\n    return 2;\n  }\n}\n',
  'no-unsafe-negation': 'export const f = (a, b) => !a in b;\n',
  'no-unsafe-optional-chaining': 'export const f = (a) => (a?.b).c;\n',
  'no-unused-labels': 'a: for (;;) break;\n',
  'no-unused-private-class-members': 'export class A {\n  #b = 1;\n}\n',
  'no-unused-vars': 'const a = 1;\n',
  'no-useless-assignment': 'export function f(g) {\n  let a = g();\n  a = 2;\n  return a;\n}\n',
  'no-useless-backreference': 'export const a = /\\1(b)/;\n',
  'no-useless-catch':
    'export function f(g) {\n  try {\n    g();\n  } catch (error) {\n    throw error;\n  }\n}\n',
  'no-useless-escape': "export const a = '\\b\\d';\n",
  'prefer-const': 'let a = 1;\nexport const f = () => a;\n',
  'preserve-caught-error':
    'export function f(g) {\n  try {\n    g();\n' +
    "  } catch (error) {\n    throw new Error('a');\n  }\n}\n",
  'require-yield': 'export function* f() {\n  return 1;\n}\n',
  'use-isnan': 'export const f = (a) => a === NaN;\n',
  'valid-typeof': "export const f = (a) => typeof a === 'strnig';\n",
};

/** In scripts that are no modules, `.cjs`. */
export const COMMONJS: Plants = {
  'no-nonoctal-decimal-escape': "module.exports = '\\8';\n",
  'no-delete-var': 'var a = 1;\ndelete a;\n',
  'no-with': 'with (module) {\n  exports = 1;\n}\n',
};

/** In TypeScript. */
export const TYPESCRIPT: Plants = {
  'no-array-constructor': 'export const a = new Array(1, 2);\n',
  'no-unused-expressions': 'export function f(a: number): void {\n  a + 1;\n}\n',
  'no-useless-constructor': 'export class A {\n  constructor() {}\n  b = 1;\n}\n',
  'no-var': 'export var a = 1;\n',
  'prefer-rest-params': 'export function f(): unknown {\n  return arguments[0];\n}\n',
  'prefer-spread': 'export const f = (a: number[]): number => Math.max.apply(Math, a);\n',
  'typescript/await-thenable': 'export async function f(): Promise<void> {\n  await 1;\n}\n',
  'typescript/ban-ts-comment': '// @ts-ignore\nexport const a = 1;\n',
  'typescript/no-array-delete': 'export function f(a: number[]): void {\n  delete a[0];\n}\n',
  'typescript/no-base-to-string': 'export const f = (a: object): string => String(a);\n',
  'typescript/no-confusing-void-expression':
    'export const f = (a: () => void): void => {\n  return a();\n};\n',
  'typescript/no-deprecated':
    '/** @deprecated Gone. */\nconst a = (): number => 1;\nexport const b = a();\n',
  'typescript/no-duplicate-enum-values': 'export enum A {\n  B = 1,\n  C = 1,\n}\n',
  'typescript/no-duplicate-type-constituents': "export type A = 'b' | 'b';\n",
  'typescript/no-dynamic-delete':
    'export function f(a: Record<string, number>, b: string): void {\n  delete a[b];\n}\n',
  'typescript/no-empty-object-type': 'export const f = (a: {}): {} => a;\n',
  'typescript/no-explicit-any': 'export const a: any = 1;\n',
  'typescript/no-extra-non-null-assertion':
    'export const f = (a?: { b: number }): number => a!!.b;\n',
  'typescript/no-extraneous-class': 'export class A {\n  static b = 1;\n}\n',
  'typescript/no-floating-promises':
    'const work = (): Promise<void> => Promise.resolve();\nwork();\n',
  'typescript/no-for-in-array':
    'export function f(a: number[]): void {\n  for (const b in a) f([Number(b)]);\n}\n',
  'typescript/no-generated-empty-object-type':
    'export type A = Omit<{ b: number }, "b">;\nexport type B = Pick<{ b: number }, never>;\n',
  'typescript/no-implied-eval': "setTimeout('a()', 1);\n",
  'typescript/no-invalid-void-type': 'export const f = (a: void): number => (a, 1);\n',
  'typescript/no-meaningless-void-operator':
    'export function f(a: () => void): void {\n  void a();\n}\n',
  'typescript/no-misused-new': 'export interface A {\n  new (): A;\n}\n',
  'typescript/no-misused-promises':
    'export const f = (g: () => Promise<void>): void => {\n  [1].forEach(g);\n};\n',
  'typescript/no-misused-spread':
    'export const f = (a: Map<string, number>): object => ({ ...a });\n',
  'typescript/no-mixed-enums': "export enum A {\n  B = 1,\n  C = 'c',\n}\n",
  'typescript/no-namespace': 'export namespace A {\n  export const b = 1;\n}\n',
  'typescript/no-non-null-asserted-nullish-coalescing':
    'export const f = (g: () => number | undefined): number => g()! ?? 1;\n',
  'typescript/no-non-null-asserted-optional-chain':
    'export const f = (a?: { b: number }): number => a?.b!;\n',
  'typescript/no-non-null-assertion': 'export const f = (a?: { b: number }): number => a!.b;\n',
  'typescript/no-redundant-type-constituents': 'export type A = unknown | string;\n',
  'typescript/no-require-imports': "export const a: unknown = require('node:fs');\n",
  'typescript/no-this-alias':
    'export class A {\n  b(): unknown {\n    const self = this;\n    return self;\n  }\n}\n',
  'typescript/no-unnecessary-boolean-literal-compare':
    'export const f = (a: boolean): boolean => a === true;\n',
  'typescript/no-unnecessary-condition': 'export const f = (a: { b: number }): number => a?.b;\n',
  'typescript/no-unnecessary-template-expression': "export const a = `${'b'}`;\n",
  'typescript/no-unnecessary-type-arguments':
    'class A<T = string> {\n  b?: T;\n}\nexport const c = new A<string>();\n',
  'typescript/no-unnecessary-type-assertion':
    'export const f = (a: number): number => a as number;\n',
  'typescript/no-unnecessary-type-constraint':
    'export const f = <T extends unknown>(a: T): T => a;\n',
  'typescript/no-unnecessary-type-conversion':
    'export const f = (a: string): string => String(a);\n',
  'typescript/no-unnecessary-type-parameters':
    'export function f<T extends string>(a: T): number {\n  return a.length;\n}\n',
  'typescript/no-unsafe-argument':
    "const f = (a: string): string => a;\nexport const b = f(JSON.parse('1'));\n",
  'typescript/no-unsafe-assignment': "export const a = JSON.parse('1');\n",
  'typescript/no-unsafe-call': "export const a: unknown = JSON.parse('1')();\n",
  'typescript/no-unsafe-declaration-merging':
    'export interface A {\n  b: number;\n}\nexport class A {\n  c = 1;\n}\n',
  'typescript/no-unsafe-enum-assignment':
    'enum A {\n  B,\n  C,\n}\nexport const f = (a: number): A => {\n' +
    '  const d: A = a;\n  return d;\n};\n',
  'typescript/no-unsafe-enum-comparison':
    'enum A {\n  B,\n  C,\n}\nexport const f = (a: A): boolean => a === 1;\n',
  'typescript/no-unsafe-function-type': 'export const f = (a: Function): unknown => a;\n',
  'typescript/no-unsafe-member-access': "export const a: unknown = JSON.parse('1').b;\n",
  'typescript/no-unsafe-return': "export const f = () => JSON.parse('1');\n",
  'typescript/no-unsafe-unary-minus': 'export const f = (a: string): number => -a;\n',
  'typescript/no-useless-default-assignment':
    'export const f = ({ a = 1 }: { a: number }): number => a;\n',
  'typescript/no-wrapper-object-types': 'export const f = (a: String): unknown => a;\n',
  'typescript/only-throw-error': "export function f(): never {\n  throw 'a';\n}\n",
  'typescript/prefer-as-const': "export const a: 'b' = 'b';\n",
  'typescript/prefer-literal-enum-member':
    "const b = 'b';\nexport enum A {\n  B = b,\n  C = `${b}c`,\n}\n",
  'typescript/prefer-namespace-keyword': 'declare module A {\n  const b: number;\n}\nexport {};\n',
  'typescript/prefer-promise-reject-errors':
    "export const f = (): Promise<never> => Promise.reject('a');\n",
  'typescript/prefer-reduce-type-parameter':
    'export const f = (a: string[]): string[] => ' +
    'a.reduce((b, c) => b.concat(c), [] as string[]);\n',
  'typescript/prefer-return-this-type':
    'export class A {\n  b = 1;\n  f(): A {\n    return this;\n  }\n}\n',
  'typescript/related-getter-setter-pairs':
    'export class A {\n  c = 1;\n  get b(): number {\n    return this.c;\n' +
    '  }\n  set b(d: string) {\n    this.c = d.length;\n  }\n}\n',
  'typescript/require-await': 'export async function f(): Promise<number> {\n  return 1;\n}\n',
  'typescript/restrict-plus-operands':
    'export const f = (a: number, b: string): string => a + b;\n',
  'typescript/restrict-template-expressions': 'export const f = (a: object): string => `${a}`;\n',
  'typescript/return-await':
    'export async function f(g: () => Promise<number>): Promise<number> {\n' +
    '  try {\n    return g();\n  } catch {\n    return await g();\n  }\n}\n',
  'typescript/switch-exhaustiveness-check':
    "export function f(a: 'b' | 'c'): void {\n" +
    "  switch (a) {\n    case 'b':\n      f('c');\n  }\n}\n",
  'typescript/triple-slash-reference': "/// <reference path='./sound.ts' />\nexport {};\n",
  'typescript/unbound-method':
    'class A {\n  c = 1;\n  b(): number {\n' +
    '    return this.c;\n  }\n}\nexport const d = new A().b;\n',
  'typescript/unified-signatures':
    'export interface A {\n  f(b: string): void;\n  f(b: number): void;\n}\n',
  'typescript/use-unknown-in-catch-callback-variable':
    'export const f = (a: Promise<number>): unknown => a.catch((error: Error) => error.message);\n',
};

/** In specs. */
export const SPECS: Plants = {
  'jest/expect-expect': "it('is', () => {\n  JSON.parse('1');\n});\n",
  'jest/no-alias-methods': "it('is', () => {\n  expect(jest.fn()).toBeCalled();\n});\n",
  'jest/no-commented-out-tests': "// it('is', () => {});\nexport {};\n",
  'jest/no-conditional-expect':
    "it('is', () => {\n  if (process.pid > 1) expect(1).toBe(1);\n});\n",
  'jest/no-deprecated-functions': 'jest.resetModuleRegistry();\n',
  'jest/no-disabled-tests': "it.skip('is', () => {\n  expect(1).toBe(1);\n});\n",
  'jest/no-done-callback': "it('is', (done) => {\n  expect(1).toBe(1);\n  done();\n});\n",
  'jest/no-export': "export const a = 1;\nit('is', () => {\n  expect(1).toBe(1);\n});\n",
  'jest/no-focused-tests': "it.only('is', () => {\n  expect(1).toBe(1);\n});\n",
  'jest/no-identical-title':
    "it('is', () => {\n  expect(1).toBe(1);\n});\nit('is', () => {\n  expect(2).toBe(2);\n});\n",
  'jest/no-interpolation-in-snapshots':
    "it('is', () => {\n  expect(1).toMatchInlineSnapshot(`${process.pid}`);\n});\n",
  'jest/no-jasmine-globals': "it('is', () => {\n  fail();\n  expect(1).toBe(1);\n});\n",
  'jest/no-mocks-import': "import { a } from './__mocks__/a';\na();\n",
  'jest/no-standalone-expect': "describe('a', () => {\n  expect(1).toBe(1);\n});\n",
  'jest/no-test-prefixes': "fit('is', () => {\n  expect(1).toBe(1);\n});\n",
  'jest/valid-describe-callback': "describe('a', async () => {\n  it.todo('is');\n});\n",
  'jest/valid-expect': "it('is', () => {\n  expect(1);\n});\n",
  'jest/valid-expect-in-promise':
    "it('is', () => {\n  Promise.resolve(1).then((a) => {\n    expect(a).toBe(1);\n  });\n});\n",
  'jest/valid-title': "it('', () => {\n  expect(1).toBe(1);\n});\n",
  'typescript/no-floating-promises':
    "it('is', () => {\n  expect(Promise.resolve(1)).resolves.toBe(1);\n  Promise.resolve();\n});\n",
};

/** What the compiler reports, as the options of tsconfig.check.json make it. */
export const TYPES: Plants = {
  'typescript/TS2322': "export const a: number = 'b';\n",
  'typescript/TS2307': "import { a } from './nowhere';\nexport const b: unknown = a;\n",
  'typescript/TS2532': 'export const f = (a: { b: number }[]): number => a[0].b;\n',
  'typescript/TS4114':
    'class A {\n  b(): void {}\n}\nexport class C extends A {\n  b(): void {}\n}\n',
  'typescript/TS6133':
    'export const f = (a: number): number => {\n  const b = a;\n  return a;\n};\n',
  'typescript/TS7006': 'export const f = (a) => 1;\n',
  'typescript/TS7029':
    'export function f(a: number): void {\n  switch (a) {\n' +
    '    case 1:\n      f(2);\n    default:\n      f(3);\n  }\n}\n',
};
