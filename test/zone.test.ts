import { describe, expect, test } from 'vitest'
import { dateOf, nextDate, startOfDay } from '../src/zone.ts'

const HOUR = 3_600_000
const hours = (date: string, zone: string): number =>
  (startOfDay(nextDate(date), zone) - startOfDay(date, zone)) / HOUR

describe('a day', () => {
  const starts: readonly (readonly [string, string, string])[] = [
    ['2024-07-01', 'UTC', '2024-07-01T00:00:00Z'],
    ['2024-07-01', 'Europe/Berlin', '2024-06-30T22:00:00Z'],
    ['2024-07-01', 'America/St_Johns', '2024-07-01T02:30:00Z'],
    ['2024-07-01', 'Pacific/Kiritimati', '2024-06-30T10:00:00Z'],
    // Clocks go from 00:00 to 01:00: the day begins at one.
    ['2024-09-08', 'America/Santiago', '2024-09-08T04:00:00Z'],
    // Clocks go from 00:00 back to 23:00 and strike midnight twice: the day begins once, and no hour is lost.
    ['2024-04-07', 'America/Santiago', '2024-04-07T04:00:00Z'],
    ['2024-11-03', 'America/Havana', '2024-11-03T04:00:00Z'],
  ]
  for (const [date, zone, start] of starts) {
    test(`${date} in ${zone} begins at ${start}`, () => {
      expect(new Date(startOfDay(date, zone)).toISOString()).toBe(start.replace('Z', '.000Z'))
    })
  }

  test('has 23 or 25 hours when clocks change', () => {
    expect(hours('2024-03-31', 'Europe/Berlin')).toBe(23)
    expect(hours('2024-10-27', 'Europe/Berlin')).toBe(25)
    expect(hours('2024-10-28', 'Europe/Berlin')).toBe(24)
    expect(hours('2024-11-03', 'America/Havana')).toBe(25)
  })

  test('follows the one before it without a gap, for years and in many zones', () => {
    for (const zone of [
      'Europe/London',
      'America/Santiago',
      'Africa/Cairo',
      'Australia/Lord_Howe',
      'Asia/Beirut',
      'Asia/Kathmandu',
    ]) {
      for (let date = '2022-01-01'; date < '2025-01-01'; date = nextDate(date)) {
        const start = startOfDay(date, zone)
        expect([zone, dateOf(start, zone)]).toEqual([zone, date])
        expect([zone, date, dateOf(start - 1, zone) < date]).toEqual([zone, date, true])
      }
    }
  }, 30_000)
})
