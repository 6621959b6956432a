import { describe, expect, test } from 'vitest'
import type { KeptEvent } from '../../src/event.ts'
import { csv } from '../../src/export/csv.ts'
import { ndjson } from '../../src/export/ndjson.ts'
import { parquet } from '../../src/export/parquet.ts'
import { type Exporter, NO_COLUMNS, sourceOf, variedRow } from './rows.ts'

const exporters: readonly (readonly [name: string, exporter: Exporter])[] = [
  ['NDJSON', ndjson],
  ['CSV', csv],
  ['Parquet', parquet],
]
describe.each(exporters)('an export as %s', (_, exporter) => {
  const row = (i: number): KeptEvent => ({ ...variedRow(i), title: `${i} `.repeat(20) })

  test('reads its rows as it is read, and not before', async () => {
    const source = sourceOf(100_000, row)
    const reader = (await exporter(source, NO_COLUMNS)).getReader()
    await nothingHappens()
    expect(source.pulled).toBe(1)
    const { value } = await reader.read()
    expect(value?.length).toBeGreaterThan(0)
    await nothingHappens()
    const pulled = source.pulled
    expect(pulled).toBeLessThanOrEqual(10_000)
    await nothingHappens()
    expect(source.pulled).toBe(pulled)
  })

  test('comes in pieces of about 64 KiB', async () => {
    const source = sourceOf(30_000, row)
    const sizes: number[] = []
    for await (const piece of await exporter(source, NO_COLUMNS)) sizes.push(piece.length)
    expect(sizes.length).toBeGreaterThan(10)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536)
    expect(source.isReturned).toBe(true)
  })

  test('ends its source when it is cancelled', async () => {
    const source = sourceOf(100_000, row)
    const reader = (await exporter(source, NO_COLUMNS)).getReader()
    await reader.read()
    await reader.cancel()
    expect(source.isReturned).toBe(true)
    expect(source.pulled).toBeLessThanOrEqual(10_000)
  })

  test('ends its source when it is cancelled before it was read', async () => {
    const source = sourceOf(10, row)
    await (await exporter(source, NO_COLUMNS)).cancel()
    expect(source.isReturned).toBe(true)
    expect(source.pulled).toBe(1)
  })

  test('is none when the first row cannot be read', async () => {
    await expect(exporter(sourceOf(10, row, 0), NO_COLUMNS)).rejects.toThrow('the store is down')
  })

  test('breaks off when a later row cannot be read', async () => {
    const stream = await exporter(sourceOf(30_000, row, 25_000), NO_COLUMNS)
    await expect(new Response(stream as BodyInit).bytes()).rejects.toThrow('the store is down')
  })
})

function nothingHappens(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5))
}
