// Whoever names the type of something that the SDK takes or gives must be able to import it.
import { join } from 'node:path';
import ts from 'typescript';

const DOOR = join(__dirname, 'index.ts');
const OURS = join(__dirname, '..', '..');

/** The types of ours that signatures of the SDK name and its door does not export, by who does. */
function unexported(): string[] {
  const program = ts.createProgram([DOOR], {
    strict: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  const resolved = (symbol: ts.Symbol): ts.Symbol =>
    (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
  const door = checker.getSymbolAtLocation(program.getSourceFile(DOOR)!);
  const exported = new Set(checker.getExportsOfModule(door!).map(resolved));
  // One that says nothing would make the check below pass for everything.
  expect(exported.size).toBeGreaterThan(100);
  const missing = new Set<string>();
  const visit = (node: ts.Node, owner: string): void => {
    if (ts.isBlock(node) || ts.isHeritageClause(node) || isHidden(node)) return;
    if (ts.isTypeReferenceNode(node)) {
      const symbol = checker.getSymbolAtLocation(node.typeName);
      const type = symbol && resolved(symbol);
      const [declaration] = type?.declarations ?? [];
      const isOurs = declaration?.getSourceFile().fileName.startsWith(OURS) === true;
      const isFree = declaration !== undefined && ts.isTypeParameterDeclaration(declaration);
      if (type && isOurs && !isFree && !exported.has(type)) missing.add(`${type.name} of ${owner}`);
    }
    ts.forEachChild(node, (child) => visit(child, owner));
  };
  for (const symbol of exported) {
    for (const declaration of symbol.declarations ?? []) visit(declaration, symbol.name);
  }
  return [...missing];
}

/** Not part of the declarations that users see. */
function isHidden(node: ts.Node): boolean {
  if (ts.isParameter(node)) return false;
  return (
    ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) === true
  );
}

describe('the door of the SDK', () => {
  it('exports every type that its signatures name', () => {
    expect(unexported()).toEqual([]);
  }, 120_000);
});
