// Today's exceptions to the size rules: path (for functions `path#name`) → lines. An entry may only
// get smaller, and goes when its file fits; tidy says so when one is out of date.
export const FILE_LINES_ALLOWED: Readonly<Record<string, number>> = {};

export const FUNCTION_LINES_ALLOWED: Readonly<Record<string, number>> = {};
