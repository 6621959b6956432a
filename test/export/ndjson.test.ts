import { expect, test } from 'vitest'
import type { Event, KeptEvent } from '../../src/event.ts'
import { ndjson } from '../../src/export/ndjson.ts'
import { exported, variedRow } from './rows.ts'

async function linesOf(rows: readonly KeptEvent[]): Promise<readonly unknown[]> {
  const text = new TextDecoder().decode(await exported(ndjson, rows))
  const lines = text.split('\n')
  expect(lines.pop()).toBe('')
  return lines.map((line) => JSON.parse(line))
}

test('a line has the fields of an event as kept, its attributes beside them, and nothing of who it was', async () => {
  const event: Event = {
    id: 'a',
    name: 'pageview',
    time: 1_700_000_000_123,
    received: 5,
    visitor: '0123456789abcdef',
    dated: true,
    page: '/',
    interactive: false,
    revenue: { amount: '0.10', currency: 'EUR' },
    attributes: { plan: 'pro', seats: 3 },
    props: { plan: 'other', ok: true },
  }
  expect(await linesOf([event])).toEqual([
    {
      id: 'a',
      name: 'pageview',
      time: '2023-11-14T22:13:20.123Z',
      page: '/',
      interactive: false,
      revenue: { amount: '0.10', currency: 'EUR' },
      plan: 'pro',
      seats: 3,
      props: { plan: 'other', ok: true },
    },
  ])
})

test('rows come back as they were, whatever their texts and names', async () => {
  const rows = Array.from({ length: 5000 }, (_, i) => variedRow(i))
  const lines = await linesOf(rows)
  expect(lines).toHaveLength(rows.length)
  for (const [i, { time, attributes, ...row }] of rows.entries()) {
    const line = lines[i] as Record<string, unknown>
    expect(line).toEqual({ ...row, time: new Date(time).toISOString(), ...attributes })
    expect(Object.entries(line.props ?? {})).toEqual(Object.entries(row.props ?? {}))
  }
})

test('no rows are no lines', async () => {
  expect(await linesOf([])).toEqual([])
})
