import { html } from 'hono/html'
import type { Metric } from '../metric.ts'
import { ask } from './question.ts'
import type { Markup, ReportScene } from './scene.ts'

/** Core Web Vitals and what goes with them: up to `good` is good, above `poor` is poor (web.dev/articles/vitals). */
const vitals = {
  lcp: { name: 'Largest Contentful Paint', good: 2500, poor: 4000 },
  inp: { name: 'Interaction to Next Paint', good: 200, poor: 500 },
  cls: { name: 'Cumulative Layout Shift', good: 0.1, poor: 0.25 },
  fcp: { name: 'First Contentful Paint', good: 1800, poor: 3000 },
  ttfb: { name: 'Time to First Byte', good: 800, poor: 1800 },
} as const
type Vital = keyof typeof vitals

/** Name of the events that tell them, as the tracker sends them. */
export const VITAL_EVENT = 'web-vital'
const ratings = ['good', 'needs-improvement', 'poor'] as const
type Rating = (typeof ratings)[number]
const takes = ['p75', 'p50', 'p95'] as const

export const ofVitals: readonly unknown[] = [['is', 'event:name', [VITAL_EVENT]]]

/** A percentile of a vital as a metric of a query. */
export function vitalMetric(vital: Vital, take: string = 'p75'): Metric {
  return `${take}(event:props:${vital})`
}

/** How good a number of a metric is; undefined if the metric is no vital. */
export function ratingOf(metric: Metric, value: unknown): Rating | undefined {
  const vital = Object.hasOwn(vitals, shortName(metric)) ? vitals[shortName(metric) as Vital] : undefined
  if (!vital || typeof value !== 'number') return undefined
  if (value <= vital.good) return 'good'
  return value <= vital.poor ? 'needs-improvement' : 'poor'
}

function shortName(metric: Metric): string {
  return /^p\d+\(event:props:(\w+)\)$/.exec(metric)?.[1] ?? ''
}

interface Measured {
  readonly vital: Vital
  readonly values: readonly unknown[]
  readonly counts: Readonly<Record<Rating, number>>
}

/** Each vital: its percentiles, and how many of all measurements were good. Undefined: nothing was measured. */
export async function vitalsTable(scene: ReportScene): Promise<Markup | undefined> {
  const { words } = scene
  const measured = await Promise.all((Object.keys(vitals) as Vital[]).map((vital) => measure(scene, vital)))
  const rows = measured.filter(({ values }) => values.some((value) => typeof value === 'number'))
  if (rows.length === 0) return undefined
  return html`<div class="scroll"><table class="plain vitals"><thead><tr><th scope="col">${words('vital')}</th>${takes.map((take) => html`<th scope="col">${take}</th>`)}<th scope="col">${words('ratings')}</th><th scope="col">${words('measured')}</th></tr></thead><tbody>${rows.map((row) => vitalRow(scene, row))}</tbody></table></div><p class="note">${words('vitalsNote')}</p>`
}

async function measure({ collection, period, filters }: ReportScene, vital: Vital): Promise<Measured> {
  const has = ['is_not', `event:props:${vital}`, ['(none)']]
  const question = { date_range: period.range, filters: [...filters, ...ofVitals, has] }
  const [numbers, rated] = await Promise.all([
    ask(collection, { ...question, metrics: takes.map((take) => vitalMetric(vital, take)) }),
    ask(collection, { ...question, metrics: ['events'], dimensions: ['event:props:rating'] }),
  ])
  const found = new Map(rated.results.map(({ dimensions, metrics }) => [dimensions[0], Number(metrics[0])]))
  const counts = Object.fromEntries(ratings.map((rating) => [rating, found.get(rating) ?? 0]))
  return { vital, values: numbers.results[0]?.metrics ?? [], counts: counts as Record<Rating, number> }
}

function vitalRow({ words, figures }: ReportScene, { vital, values, counts }: Measured): Markup {
  const all = ratings.reduce((sum, rating) => sum + counts[rating], 0)
  let from = 0
  const parts = ratings.map((rating) => {
    const x = from
    from += all > 0 ? (counts[rating] / all) * 100 : 0
    return html`<rect class="${rating}" x="${x.toFixed(1)}%" width="${(from - x).toFixed(1)}%" height="100%"/>`
  })
  const text = ratings
    .map((rating) => `${words(`rating_${rating}`)} ${figures.share(counts[rating], all)}`)
    .join(', ')
  return html`<tr><th scope="row"><abbr title="${vitals[vital].name}">${vital.toUpperCase()}</abbr></th>${takes.map(
    (take, i) => {
      const metric = vitalMetric(vital, take)
      const rating = take === 'p75' && ratingOf(metric, values[i])
      return html`<td${rating && html` class="${rating}"`}>${figures.metric(metric, values[i] as number)}${rating && html` <small>${words(`rating_${rating}`)}</small>`}</td>`
    },
  )}<td class="ratings"><svg role="img" aria-label="${text}" width="100%" height="12"><title>${text}</title>${parts}</svg></td><td>${figures.whole(all)}</td></tr>`
}
