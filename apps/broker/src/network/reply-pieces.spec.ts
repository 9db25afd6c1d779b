import fc from 'fast-check';
import { joinSmallPieces } from './reply-pieces';

describe('joinSmallPieces', () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 30 });
  const make = (sizes: readonly number[]): Buffer[] =>
    sizes.map((size, i) => Buffer.alloc(size, i));

  it('changes no byte, copies no large piece and leaves no two small ones side by side', () => {
    fc.assert(
      fc.property(pieces, (sizes) => {
        const given = make(sizes);
        const joined = joinSmallPieces(given);
        expect(Buffer.concat(joined)).toEqual(Buffer.concat(given));
        const large = given.filter((piece) => piece.length > 256);
        expect(large.every((piece) => joined.includes(piece))).toBe(true);
        const fresh = joined.map((piece) => !given.includes(piece) || piece.length <= 256);
        fresh.forEach((isRun, i) => expect(isRun && fresh[i + 1] === true).toBe(false));
      }),
    );
  });
});
