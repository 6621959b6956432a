/** A pattern that cannot be used; the message says why. */
export class PatternError extends Error {}

export function compilePattern(source: string): (text: string) => boolean {
  throw new PatternError(source)
}
