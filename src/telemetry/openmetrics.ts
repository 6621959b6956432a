import { bounds, type FamilyName, families, type Samples } from '../telemetry.ts'

export const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

interface Series {
  readonly labels: string
  readonly value: number
  /** Of a histogram: what is in each bucket, the sum of it all under `sum`. */
  readonly buckets: Map<string, number>
}

/** Samples as OpenMetrics 1.0 text. */
export function openMetrics(samples: Samples): string {
  const found = new Map<string, Map<string, Series>>()
  for (const [name, value] of samples) {
    const [, family = '', labels = '', part] = /^(\w+)(?:\{(.*)\})?(?:#(\w+))?$/s.exec(name) ?? []
    const all = found.get(family) ?? new Map<string, Series>()
    found.set(family, all)
    const one = all.get(labels) ?? { labels, value, buckets: new Map() }
    all.set(labels, one)
    if (part !== undefined) one.buckets.set(part, value)
  }
  let text = ''
  for (const family of Object.keys(families) as FamilyName[]) {
    const all = found.get(family)
    if (all) text += head(family) + [...all.values()].map((one) => linesOf(family, one)).join('')
  }
  return `${text}# EOF\n`
}

function head(family: FamilyName): string {
  const [kind, unit, help] = families[family]
  return `# TYPE ${family} ${kind}\n${unit && `# UNIT ${family} ${unit}\n`}# HELP ${family} ${help}.\n`
}

function linesOf(family: FamilyName, { labels, value, buckets }: Series): string {
  const [kind] = families[family]
  if (kind !== 'histogram') return line(kind === 'counter' ? `${family}_total` : family, labels, value)
  let count = 0
  let text = ''
  for (let bucket = 0; bucket <= bounds.length; bucket++) {
    count += buckets.get(String(bucket)) ?? 0
    text += line(`${family}_bucket`, `${labels && `${labels},`}le="${boundOf(bucket)}"`, count)
  }
  return (
    text + line(`${family}_count`, labels, count) + line(`${family}_sum`, labels, buckets.get('sum') ?? 0)
  )
}

/** As OpenMetrics wants numbers in `le`: always with a point. */
function boundOf(bucket: number): string {
  const bound = bounds[bucket]
  if (bound === undefined) return '+Inf'
  return Number.isInteger(bound) ? `${bound}.0` : String(bound)
}

function line(name: string, labels: string, value: number): string {
  return `${name}${labels && `{${labels}}`} ${value}\n`
}
