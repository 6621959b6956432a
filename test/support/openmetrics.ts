import { expect } from 'vitest'

/** A value of a metric, by its name and labels as they are written. */
export type Metrics = ReadonlyMap<string, number>

const LINE = /^([a-z_]+)(\{[a-z]+="[^"\\\n]*"(?:,[a-z]+="[^"\\\n]*")*\})? (\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/

/** Reads an OpenMetrics text as strictly as its writer has to be: families whole, in one piece, with a type; buckets that never fall. */
export function readOpenMetrics(text: string): Metrics {
  expect(text).toMatch(/\n# EOF\n$/)
  const values = new Map<string, number>()
  const kinds = new Map<string, string>()
  let family = ''
  for (const line of text.slice(0, -'# EOF\n'.length).trimEnd().split('\n')) {
    const [, type, name = '', kind = ''] = /^# (TYPE|HELP|UNIT) ([a-z_]+) (.+)$/.exec(line) ?? []
    if (type === 'TYPE') {
      expect(kinds.has(name)).toBe(false)
      kinds.set(name, kind)
      family = name
    } else if (type !== undefined) {
      expect(name).toBe(family)
      if (type === 'UNIT') expect(name.endsWith(`_${kind}`)).toBe(true)
    } else {
      const [, sample = '', labels = '', value] = LINE.exec(line) ?? []
      expect([line, suffixes[kinds.get(family) ?? '']?.map((suffix) => family + suffix)]).toEqual([
        line,
        expect.arrayContaining([sample]),
      ])
      expect(values.has(sample + labels)).toBe(false)
      values.set(sample + labels, Number(value))
    }
  }
  expectBucketsToRise(values)
  return values
}

const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  histogram: ['_bucket', '_count', '_sum'],
}

function expectBucketsToRise(values: Metrics): void {
  let last = { series: '', value: 0 }
  for (const [name, value] of values) {
    const [, series, bound = ''] = /^(.*?),?le="([^"]+)"\}$/.exec(name) ?? []
    if (series === undefined) continue
    if (series === last.series) expect(value).toBeGreaterThanOrEqual(last.value)
    last = { series, value }
    if (bound !== '+Inf') continue
    const count = series.replace('_bucket{', '_count{').replace(/\{$/, '') + (series.endsWith('{') ? '' : '}')
    expect([count, values.get(count)]).toEqual([count, value])
  }
}
