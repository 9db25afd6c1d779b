import { wrapComments } from './wrap-comments.mjs';

const words = (count: number): string => Array.from({ length: count }, () => 'word').join(' ');

describe('wrapComments', () => {
  it('moves what does not fit to the next line of the paragraph', () => {
    const text = `// ${words(21)}\n// and on\ncode();\n`;
    expect(wrapComments(text)).toBe(`// ${words(19)}\n// ${words(2)} and on\ncode();\n`);
  });

  it('begins a line of its own before a list item, a tag and code', () => {
    for (const next of [' * - item', ' * @returns it', ' */']) {
      const text = `/**\n * ${words(20)}\n${next}\n`;
      expect(wrapComments(text)).toBe(`/**\n * ${words(19)}\n * word\n${next}\n`);
    }
  });

  it('opens a one-line doc comment that is too long', () => {
    const text = `  /** ${words(20)} */\n  code();`;
    const lines = ['  /**', `   * ${words(19)}`, '   * word', '   */', '  code();'];
    expect(wrapComments(text)).toBe(lines.join('\n'));
  });

  it('leaves code, short lines and a word without spaces alone', () => {
    const text = `const a = '${words(30)}'; // ${words(3)}\n// ${'x'.repeat(120)}\n// short\n`;
    expect(wrapComments(text)).toBe(text);
  });

  it('gives the same text when run again', () => {
    const once = wrapComments(`/** ${words(70)} */\n// ${words(70)}\n`);
    expect(wrapComments(once)).toBe(once);
  });
});
