import { expect, test } from 'vitest'
import { isKnown } from '../src/etag.ts'

test.each([
  ['"a"', '"a"', true],
  ['"a"', 'W/"a"', true],
  ['W/"a"', '"a"', true],
  ['W/"a"', 'W/"b" , W/"a"', true],
  ['"a"', '*', true],
  ['"a"', '"ab"', false],
  ['"a"', '', false],
  ['"a"', undefined, false],
  [undefined, '*', false],
])('%s is known to a browser that has %s: %s', (etag, ifNoneMatch, isThere) => {
  expect(isKnown(etag, ifNoneMatch)).toBe(isThere)
})
