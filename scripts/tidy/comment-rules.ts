// What has to be said in comments: exported classes, public methods, protocol handlers.
import * as ts from 'typescript';
import type { Breach, Rule, SourceTree, TreeFile } from './source-tree';

function hasDoc(node: ts.Node): boolean {
  return ts.getJSDocCommentsAndTags(node).some((doc) => ts.isJSDoc(doc));
}

function hasModifier(node: ts.HasModifiers, ...kinds: ts.SyntaxKind[]): boolean {
  return ts.getModifiers(node)?.some((modifier) => kinds.includes(modifier.kind)) ?? false;
}

/** Method names that an interface of ours documents; its implementations need not say it again. */
function documentedMembers(files: readonly TreeFile[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const note = (type: ts.InterfaceDeclaration | ts.ClassDeclaration): void => {
    if (type.name === undefined) return;
    const members = found.get(type.name.text) ?? new Set<string>();
    for (const member of type.members) {
      if (member.name !== undefined && hasDoc(member)) members.add(member.name.getText());
    }
    found.set(type.name.text, members);
  };
  for (const file of files) {
    file.syntax.forEachChild((node) => {
      if (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) note(node);
    });
  }
  return found;
}

function isPublicMethod(member: ts.ClassElement): member is ts.MethodDeclaration {
  if (!ts.isMethodDeclaration(member) || ts.isPrivateIdentifier(member.name)) return false;
  const { PrivateKeyword, ProtectedKeyword, OverrideKeyword } = ts.SyntaxKind;
  return !hasModifier(member, PrivateKeyword, ProtectedKeyword, OverrideKeyword);
}

function classBreaches(
  file: TreeFile,
  node: ts.ClassDeclaration,
  documented: ReadonlyMap<string, ReadonlySet<string>>,
): Breach[] {
  const name = node.name?.text ?? 'default';
  const breaches: Breach[] = [];
  if (!hasDoc(node)) {
    const message = `class ${name} has no doc comment: say what it is and what it guarantees`;
    breaches.push({ path: file.path, line: file.lineOf(node), message });
  }
  const parents = node.heritageClauses?.flatMap((clause) => clause.types) ?? [];
  const inherited = parents.map((parent) => documented.get(parent.expression.getText()));
  const said = new Set<string>();
  for (const member of node.members.filter(isPublicMethod)) {
    const method = member.name.getText();
    // The first of several overloads speaks for all.
    if (said.has(method)) continue;
    said.add(method);
    if (hasDoc(member) || inherited.some((members) => members?.has(method))) continue;
    const message = `${name}.${method}() has no doc comment: say what is true on return`;
    breaches.push({ path: file.path, line: file.lineOf(member), message });
  }
  return breaches;
}

const docComments: Rule = {
  name: 'exported classes and public methods have doc comments',
  find: (tree: SourceTree) => {
    const files = tree.files.filter(
      (file) => file.isTypeScript && !file.isTest && /^(libs|apps)\//.test(file.path),
    );
    const documented = documentedMembers(files);
    return files.flatMap((file) => {
      const classes = file.syntax.statements.filter(ts.isClassDeclaration);
      return classes
        .filter((node) => hasModifier(node, ts.SyntaxKind.ExportKeyword))
        .flatMap((node) => classBreaches(file, node, documented));
    });
  },
};

const handlerNotes: Rule = {
  name: 'handlers open with Behaviour and Version notes',
  find: (tree) =>
    tree.files
      .filter((file) => file.name.endsWith('.handler.ts'))
      .flatMap(({ path, text }): Breach[] => {
        const opening = /\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? '';
        const missing = ['Behaviour', 'Version notes'].filter((title) => !opening.includes(title));
        if (missing.length === 0) return [];
        const message = `its first doc comment lacks ${missing.join(' and ')}`;
        return [{ path, line: 1, message }];
      }),
};

const IGNORED_REJECTION = /\.catch\(\s*\(\w*\)\s*=>\s*(\{\s*\}|undefined|null|void 0)\s*\)/;

/**
 * A rejection may be ignored where somebody else reports it; the line or the one above says who.
 */
const ignoredRejections: Rule = {
  name: 'an ignored rejection says why it may be',
  find: (tree) =>
    tree.files
      .filter((file) => file.isScript && !file.isTest && !file.path.startsWith('scripts/tidy'))
      .flatMap((file) =>
        file.lines.flatMap((text, index): Breach[] => {
          if (!IGNORED_REJECTION.test(text)) return [];
          const above = file.lines[index - 1] ?? '';
          if (/\/\//.test(text) || /^\s*(\/\/|\*\/|\/\*\*)/.test(above)) return [];
          const message = 'handle the error, or say in the line above who reports it';
          return [{ path: file.path, line: index + 1, message }];
        }),
      ),
};

export const COMMENT_RULES: readonly Rule[] = [docComments, handlerNotes, ignoredRejections];
