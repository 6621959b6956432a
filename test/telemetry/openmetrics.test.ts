import { describe, expect, test } from 'vitest'
import { createCounts } from '../../src/telemetry/counts.ts'
import { openMetrics } from '../../src/telemetry/openmetrics.ts'
import { bounds, COLLECTIONS_LIMIT, families, series } from '../../src/telemetry.ts'
import { readOpenMetrics } from '../support/openmetrics.ts'

describe('OpenMetrics text', () => {
  test('has a histogram with all buckets, each with those before it', () => {
    const counts = createCounts()
    const time = counts.timer('skerry_request_duration_seconds', { route: '/a' })
    for (const ms of [0, 0.5, 0.6, 1000, 1000.1, 60_000]) time(ms)
    const values = readOpenMetrics(openMetrics(counts.take()))
    const bucket = (le: string): number | undefined =>
      values.get(`skerry_request_duration_seconds_bucket{route="/a",le="${le}"}`)
    expect(['0.0005', '0.001', '0.5', '1.0', '2.5', '10.0', '+Inf'].map(bucket)).toEqual([
      2, 3, 3, 4, 5, 5, 6,
    ])
    expect(values.get('skerry_request_duration_seconds_count{route="/a"}')).toBe(6)
    expect(values.get('skerry_request_duration_seconds_sum{route="/a"}')).toBeCloseTo(62.0012, 6)
    expect(values.size).toBe(bounds.length + 3)
  })

  test('has a histogram without labels', () => {
    const counts = createCounts()
    counts.timer('skerry_commit_duration_seconds')(3)
    const text = openMetrics(counts.take())
    expect(readOpenMetrics(text).get('skerry_commit_duration_seconds_count')).toBe(1)
    expect(text).toContain('skerry_commit_duration_seconds_bucket{le="0.005"} 1\n')
  })

  test('escapes what a label says', () => {
    const name = series('skerry_cache_bytes', { process: 'a"b\\c\nd}#sum' })
    expect(openMetrics(new Map([[name, 7]]))).toContain(
      'skerry_cache_bytes{process="a\\"b\\\\c\\nd}#sum"} 7\n',
    )
  })

  test('is complete without anything to tell', () => {
    expect(openMetrics(new Map())).toBe('# EOF\n')
  })

  test('names units as the names of their families end', () => {
    for (const [name, [kind, unit]] of Object.entries(families)) {
      expect(name).toMatch(/^(?:skerry|process)_[a-z_]+$/)
      if (unit !== '') expect(name).toMatch(new RegExp(`_${unit}$`))
      if (kind === 'counter') expect(name).not.toMatch(/_total$/)
    }
  })

  test('tells many collections by no more names than the limit', () => {
    const counts = createCounts()
    const beacons = counts.tally('skerry_beacons')
    for (let i = 0; i < 3 * COLLECTIONS_LIMIT; i++) beacons(`c${i}`, 'accepted', 2)
    const values = readOpenMetrics(openMetrics(counts.take()))
    expect(values.size).toBe(COLLECTIONS_LIMIT + 1)
    expect(values.get('skerry_beacons_total{collection="c7",outcome="accepted"}')).toBe(2)
    expect(values.get('skerry_beacons_total{collection="(other)",outcome="accepted"}')).toBe(
      4 * COLLECTIONS_LIMIT,
    )
  })
})
