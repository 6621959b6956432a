import { expect, test } from 'vitest'
import { readTrace } from '../src/trace.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const span = '00f067aa0ba902b7'

test('a traceparent is read as W3C Trace Context says', () => {
  for (const header of [`00-${trace}-${span}-01`, `00-${trace}-${span}-00`, `cc-${trace}-${span}-01-more`])
    expect(readTrace(header)).toEqual({ trace, span })
  for (const header of [
    undefined,
    '',
    `ff-${trace}-${span}-01`,
    `00-${trace}-${span}-01-more`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace}-${span}`,
    `00-${trace}-${span}-01x`,
    ` 00-${trace}-${span}-01`,
  ])
    expect([header, readTrace(header)]).toEqual([header, undefined])
})
