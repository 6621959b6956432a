import { describe, expect, test } from 'vitest'
import { intervalsOf, rangeOf, shiftedRange } from '../../src/dashboard/period.ts'
import { readRowFilter, toQueryFilters, writeRowFilter } from '../../src/dashboard/row-filter.ts'
import { hrefOf, readView, viewOf } from '../../src/dashboard/view.ts'
import type { DateRange } from '../../src/query.ts'
import { hostileTexts } from '../support/browser/hostile-texts.ts'

describe('a filter in a URL', () => {
  test.each(['country', 'props:plan', 'props:a:b', 'props:50%', 'props:%3A'])(
    'of %s is read as it was written',
    (dimension) => {
      for (const value of hostileTexts)
        for (const isNegated of [true, false])
          for (const match of ['is', 'contains'] as const) {
            const filter = { isNegated, match, dimension, value }
            expect(readRowFilter(writeRowFilter(filter))).toEqual(filter)
          }
    },
  )

  test('of one dimension means any of its values', () => {
    const texts = ['country:DE', 'country:FR', '!country:NO', '~page:/blog']
    const filters = texts.flatMap((text) => readRowFilter(text) ?? [])
    expect(toQueryFilters(filters)).toEqual([
      ['is', 'country', ['DE', 'FR']],
      ['is_not', 'country', ['NO']],
      ['contains', 'page', ['/blog']],
    ])
  })
})

test('a view is read from its own address', () => {
  const address =
    '/?site=a.b&period=2026-01-01_2026-01-31&compare=none&by=week&metric=visits&f=%21country%3ADE&tab=os&prop=k&panel=page&q=x&sort=visitors&at=100'
  expect(hrefOf(readView(new URL(address, 'http://x').searchParams))).toBe(address)
  expect(hrefOf(viewOf('a.b'))).toBe('/?site=a.b')
})

describe('periods', () => {
  const now = Date.parse('2026-03-15T12:00:00Z')
  const period = (range: DateRange) => ({ range, now, timezone: 'Europe/Berlin' })

  test.each([
    ['day', ['2026-03-14', '2026-03-14'], undefined],
    ['7d', ['2026-03-01', '2026-03-07'], ['2026-03-15', '2026-03-21']],
    ['month', ['2026-02-01', '2026-02-28'], undefined],
    [
      ['2026-01-01', '2026-01-31'],
      ['2025-12-01', '2025-12-31'],
      ['2026-02-01', '2026-02-28'],
    ],
    [
      ['2025-01-01', '2025-12-31'],
      ['2024-01-01', '2024-12-31'],
      ['2026-01-01', '2026-12-31'],
    ],
    ['all', undefined, undefined],
    ['24h', undefined, undefined],
  ] as const)('%s has %s before and %s after', (range, before, after) => {
    expect([shiftedRange(period(range), -1), shiftedRange(period(range), 1)]).toEqual([before, after])
  })

  test('words of the menu that no query has are dates', () => {
    expect(rangeOf('yesterday', now, 'Europe/Berlin')).toEqual(['2026-03-14', '2026-03-14'])
    expect(rangeOf('last_month', now, 'Europe/Berlin')).toEqual(['2026-02-01', '2026-02-28'])
    expect(rangeOf('30d', now, 'Europe/Berlin')).toBe('30d')
  })

  test('have intervals that give neither one point nor thousands', () => {
    expect(intervalsOf(period('day'))).toEqual(['hour'])
    expect(intervalsOf(period('30d'))).toEqual(['day', 'week'])
    expect(intervalsOf(period('12mo'))[0]).toBe('month')
  })
})
