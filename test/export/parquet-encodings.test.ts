import fc from 'fast-check'
import { parquetMetadata } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KeptEvent } from '../../src/event.ts'
import { parquet } from '../../src/export/parquet.ts'
import { asRead, type Duck, openDuck, readWithHyparquet } from './parquet-readers.ts'
import { exported } from './rows.ts'

const columns = { attributes: ['plan', 'part'] }

describe('what a column of Parquet holds', () => {
  let duck: Duck
  beforeAll(async () => {
    duck = await openDuck()
  })
  afterAll(() => duck.close())

  /** Both readers find in these rows' file what the rows are. Gives the file. */
  async function comesBack(rows: readonly KeptEvent[]): Promise<Uint8Array> {
    const file = await exported(parquet, rows, columns)
    const expected = rows.map((row) => asRead(row, columns))
    expect(await readWithHyparquet(file)).toEqual(expected)
    await duck.load(file)
    expect(await duck.rows()).toEqual(expected.map((row) => Object.values(row)))
    return file
  }

  /** Rows with something in each of them, 37 ms apart. */
  function rowsOf(
    count: number,
    fields: (i: number) => Partial<Omit<KeptEvent, 'interactive'>>,
  ): KeptEvent[] {
    return Array.from({ length: count }, (_, i) => ({
      name: 'n',
      time: 1_700_000_000_000 + i * 37,
      ...fields(i),
    }))
  }

  /** The type of events knows only `false`; the format has both. */
  function withBooleans(rows: readonly KeptEvent[], at: (i: number) => boolean | undefined): KeptEvent[] {
    return rows.map((row, i) => ({ ...row, interactive: at(i) }) as KeptEvent)
  }

  test('is nothing, or something in every row, by row group', async () => {
    const full = { id: 'x', ms: 1.5, page: '/', attributes: { plan: 'pro' } }
    const rows = rowsOf(30_000, (i) => (i < 10_000 ? {} : i < 20_000 ? full : i % 3 === 0 ? full : {}))
    const booleans = withBooleans(rows, (i) => (i < 10_000 ? undefined : i < 20_000 ? i % 3 > 0 : false))
    await comesBack(booleans)
    expect(
      await duck.ask(`
        SELECT count(id), count(ms), count(interactive), count(title), count(plan), count(*)
        FROM read_parquet($1) GROUP BY (epoch_ms(time) - 1700000000000) // 370000 ORDER BY min(time)`),
    ).toEqual([
      [0n, 0n, 0n, 0n, 0n, 10_000n],
      [10_000n, 10_000n, 10_000n, 0n, 10_000n, 10_000n],
      [3_333n, 3_333n, 10_000n, 0n, 3_333n, 10_000n],
    ])
  })

  test('is booleans, across the ends of bytes', async () => {
    for (const count of [1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1000]) {
      const rows = rowsOf(count, () => ({}))
      await comesBack(withBooleans(rows, () => true))
      await comesBack(withBooleans(rows, (i) => (i * i) % 3 === 1))
      await comesBack(withBooleans(rows, (i) => (i % 5 === 0 ? undefined : i % 7 > 3)))
    }
  })

  test('is numbers of every kind', async () => {
    const numbers = [0, -0, 0.1, -1e-300, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53, -(2 ** 31)]
    await comesBack(rowsOf(100, (i) => ({ ms: numbers[i % numbers.length] ?? 0, depth: i / 3 })))
  })

  test('is times of every year', async () => {
    const times = [0, -1, 1, -62_135_596_800_000, 253_402_300_799_999, 2 ** 32, -(2 ** 32) - 1]
    await comesBack(times.map((time) => ({ name: 'n', time })))
  })

  test('is texts that repeat, however many there are', async () => {
    for (const texts of [1, 2, 3, 9, 256, 257, 1000, 1001]) await repeats(2000, texts)
    await repeats(10_000, 5000)
  })

  async function repeats(count: number, texts: number): Promise<void> {
    const rows = rowsOf(count, (i) => ({
      page: `/${i % texts}`,
      title: `${Math.floor((i * texts) / count)}`.padEnd(20, '語'),
      ...(i % 2 === 0 && { term: `${(i * i) % texts}` }),
    }))
    const { row_groups } = parquetMetadata((await comesBack(rows)).buffer as ArrayBuffer)
    const page = row_groups[0]?.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === 'page')
    expect(page?.meta_data?.encodings.includes('RLE_DICTIONARY')).toBe(texts * 2 <= count)
  }

  test('is long texts and empty ones', async () => {
    const long = 'a long text that no literal has room for, '.repeat(5000)
    await comesBack(rowsOf(5, (i) => ({ page: '', title: long + i, ...(i > 2 && { term: '' }) })))
  })

  test('is whatever it was, in runs and out of them', async () => {
    const text = fc.oneof(fc.constantFrom('', 'a', 'b', 'π 😀'), fc.string({ unit: 'grapheme' }))
    const cell = fc.record({
      times: fc.integer({ min: 1, max: 20 }),
      page: fc.option(text, { nil: undefined }),
      plan: fc.option(fc.oneof(text, fc.boolean(), fc.integer()), { nil: undefined }),
      ms: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
      flag: fc.option(fc.boolean(), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { maxLength: 30 }), async (runs) => {
        const cells = runs.flatMap((run) => Array.from({ length: run.times }, () => run))
        const rows = rowsOf(cells.length, (i) => {
          const { page, ms, plan } = cells[i] ?? {}
          return {
            ...(page !== undefined && { page }),
            ...(ms !== undefined && { ms }),
            ...(plan !== undefined && { attributes: { plan, part: `${i}` } }),
          }
        })
        await comesBack(withBooleans(rows, (i) => cells[i]?.flag))
      }),
      { numRuns: 60 },
    )
  })
})
