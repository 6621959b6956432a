import { kinds } from './day.ts'
import { groupRows } from './groups.ts'
import { type Facts, type Pass, passing } from './pass.ts'
import type { Takings } from './sums.ts'
import { kindsOf } from './visit.ts'

/** Revenue by currency. */
export function takingsPass({ day, scan, visits: visitMask, rows: rowMask }: Facts): Pass | undefined {
  const column = scan.wantsTakings ? day.column('revenue') : undefined
  if (!column) return undefined
  const { codes } = column
  const groups = groupRows(day, scan.dimensions, scan)
  const money = column.values.map((value) => readMoney(String(value)))
  const takings = new Map<number, Takings>()
  const kind = kindsOf(day)
  const { first } = day

  function take(row: number): void {
    const { micros, currency } = money[codes[row] as number] as Money
    const group = groups.of ? (groups.of[row] as number) : 0
    const mine = takings.get(group) ?? new Map()
    takings.set(group, mine)
    const before = mine.get(currency) ?? { micros: 0n, events: 0 }
    mine.set(currency, { micros: before.micros + micros, events: before.events + 1 })
  }

  function lookAt(visit: number): void {
    for (let row = first[visit] as number; row < (first[visit + 1] as number); row++) {
      const isMeant = codes[row] !== 0 && kind[row] !== kinds.engagement
      if (isMeant && (!rowMask || rowMask[row] === 1)) take(row)
    }
  }

  const visits = passing(visitMask)
  return {
    visits,
    look(from, to): void {
      for (let i = from; i < to; i++) lookAt(visits ? (visits[i] as number) : i)
    },
    table: () => ({
      labels: [...takings.keys()].map((group) => groups.labels(group)),
      sums: {},
      takings: [...takings.values()],
    }),
  }
}

interface Money {
  readonly micros: bigint
  readonly currency: string
}

/** As "12.50 EUR": a decimal of at most six places, and the currency. */
function readMoney(text: string): Money {
  const [amount = '0', currency = ''] = text.split(' ')
  const [whole = '0', fraction = ''] = amount.split('.')
  const digits = whole.replace('-', '') + fraction.padEnd(6, '0').slice(0, 6)
  const micros = /^\d+$/.test(digits) ? BigInt(digits) : 0n
  return { micros: amount.startsWith('-') ? -micros : micros, currency }
}
