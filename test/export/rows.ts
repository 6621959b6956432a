import type { KeptEvent } from '../../src/event.ts'
import type { ExportColumns } from '../../src/export/columns.ts'

export type Exporter = (
  rows: AsyncIterable<KeptEvent>,
  columns: ExportColumns,
) => Promise<ReadableStream<Uint8Array>>

export const NO_COLUMNS: ExportColumns = { attributes: [] }

/** A source of rows that tells how it was read. */
export interface Source extends AsyncIterable<KeptEvent> {
  readonly pulled: number
  readonly isReturned: boolean
}

/** Gives `count` rows, one by one; reading row `failAt` fails. */
export function sourceOf(count: number, row: (i: number) => KeptEvent, failAt = Number.NaN): Source {
  const source = {
    pulled: 0,
    isReturned: false,
    async *[Symbol.asyncIterator](): AsyncGenerator<KeptEvent> {
      try {
        for (let i = 0; i < count; i++) {
          source.pulled++
          if (i === failAt) throw new Error('the store is down')
          yield row(i)
        }
      } finally {
        source.isReturned = true
      }
    },
  }
  return source
}

/** Exports these rows. */
export async function exported(
  exporter: Exporter,
  rows: readonly KeptEvent[],
  columns: ExportColumns = NO_COLUMNS,
): Promise<Uint8Array> {
  const stream = await exporter(
    sourceOf(rows.length, (i) => rows[i] as KeptEvent),
    columns,
  )
  return new Response(stream as BodyInit).bytes()
}

/** One of many rows that have little in common: with and without each field, with text of many scripts. */
export function variedRow(i: number): KeptEvent {
  const texts = ['/', '/café/😀', '/日本語', '/"a",\r\n', '=1+1', 'עברית', '\u0301e', '/with\u2028line']
  return {
    name: i % 3 === 0 ? 'engagement' : 'pageview',
    time: 1_700_000_000_000 + i * 977,
    page: `${texts[i % texts.length]}${i % 50}`,
    ...(i % 4 > 0 && { id: `id-${i}` }),
    ...(i % 5 === 0 && { title: `Title ${texts[i % 7]}`, country: i % 2 === 0 ? 'CH' : 'FR' }),
    ...(i % 3 === 0 && { ms: i * 1.5, depth: i % 101, interactive: false as const }),
    ...(i % 7 === 0 && { revenue: { amount: `-${i}.10`, currency: 'EUR' } }),
    ...(i % 2 === 0 && { attributes: { plan: ['free', 'pro', 3, true][i % 4] ?? '', constructor: `${i}` } }),
    ...(i % 6 === 0 && { props: JSON.parse(`{"__proto__":"own ${i}","π 😀":${i},"constructor":false}`) }),
  }
}
