import { html } from 'hono/html'
import type { Annotation } from '../annotation.ts'
import type { Metric } from '../metric.ts'
import type { Report } from '../report.ts'
import { dateOf, localTime } from '../zone.ts'
import { chart, type Line } from './chart.ts'
import { intervalsOf, nextInterval, spanBefore } from './period.ts'
import { ask } from './question.ts'
import type { Markup, ReportScene } from './scene.ts'
import type { Texts } from './texts.ts'
import { hrefOf, type Interval } from './view.ts'

/** A metric over time, and what it is compared with. */
export interface Series {
  readonly metric: Metric
  readonly unit: Interval
  /** Local times, as queries label them. */
  readonly labels: readonly string[]
  readonly line: Line
  readonly beforeLabels: readonly string[]
  readonly before: Line
  /** Where the time that is not over begins. */
  readonly partialFrom: number
}

/** Asks for the series that a page shows; `metrics`: those that mean something there. */
export async function askSeries(scene: ReportScene, metrics: readonly Metric[]): Promise<Series> {
  const { view, period } = scene
  const metric = metrics.includes(view.metric) ? view.metric : 'visitors'
  const isAll = period.range === 'all'
  const choices = intervalsOf(period)
  const interval = view.interval && choices.includes(view.interval) ? view.interval : choices[0]
  const dimension = isAll && view.interval === undefined ? 'time' : `time:${interval}`
  const span = view.comparison && spanBefore(period, view.comparison, false)
  const range = span && [span.firstDate, span.lastDate]
  const [now, before] = await Promise.all([
    askTimes(scene, metric, dimension, period.range),
    range && period.range !== '24h' ? askTimes(scene, metric, dimension, range) : undefined,
  ])
  const labels = now.meta.time_labels ?? []
  const unit = unitOf(now)
  const local = new Date(localTime(period.now, period.timezone)).toISOString().replace('T', ' ')
  const [current, upcoming] = bounds(labels, local, unit)
  return {
    metric,
    unit,
    labels,
    line: lineOf(now, labels).map((value, i) => (i >= upcoming ? null : value)),
    beforeLabels: before?.meta.time_labels ?? [],
    before: before ? lineOf(before, before.meta.time_labels ?? []).slice(0, labels.length) : [],
    partialFrom: current,
  }
}

function askTimes(scene: ReportScene, metric: Metric, dimension: string, range: unknown): Promise<Report> {
  const { collection, filters } = scene
  return ask(collection, {
    metrics: [metric],
    dimensions: [dimension],
    date_range: range,
    filters,
    include: { time_labels: true },
  })
}

function unitOf({ query }: Report): Interval {
  return String((query.dimensions as readonly string[])[0]).slice('time:'.length) as Interval
}

/** The values at the labels, 0 where nothing happened. */
function lineOf({ results }: Report, labels: readonly string[]): Line {
  const found = new Map(results.map(({ dimensions, metrics }) => [dimensions[0], metrics[0]]))
  return labels.map((label) => {
    const value = found.get(label) ?? 0
    return typeof value === 'number' ? value : null
  })
}

/** Positions of the bucket that is now and of the first that is yet to come. `local`: the time on the wall. */
function bounds(labels: readonly string[], local: string, unit: Interval): readonly [number, number] {
  const here = unit === 'hour' ? local : local.slice(0, 10)
  const next = labels.findIndex((label) => label > here)
  const upcoming = next < 0 ? labels.length : next
  const end = labels.at(-1) ?? ''
  const isOver = next < 0 && endOf(end, unit) <= here
  return [isOver ? labels.length : upcoming - 1, upcoming]
}

/** The label that would come after the last: only told as exactly as it takes to know whether that is over. */
function endOf(label: string, unit: Interval): string {
  const start = Date.parse(`${label.replace(' ', 'T')}${label.length > 10 ? 'Z' : 'T00:00:00Z'}`)
  if (Number.isNaN(start)) return label
  const end = new Date(start)
  if (unit === 'hour') end.setUTCHours(end.getUTCHours() + 1)
  else if (unit === 'month') end.setUTCMonth(end.getUTCMonth() + 1)
  else end.setUTCDate(end.getUTCDate() + (unit === 'week' ? 7 : 1))
  const text = end.toISOString().replace('T', ' ')
  return unit === 'hour' ? text : text.slice(0, 10)
}

type Marks = ReadonlyMap<number, readonly Annotation[]>

/** Annotations by the positions of the times that they belong to; what is before or after is left out. */
export function marksOf(
  annotations: readonly Annotation[],
  { labels, unit }: Pick<Series, 'labels' | 'unit'>,
): Marks {
  const dates = labels.map((label) => label.slice(0, DATE_LENGTH))
  const end = endOf(labels.at(-1) ?? '', unit).slice(0, DATE_LENGTH)
  const marks = new Map<number, Annotation[]>()
  for (const one of annotations) {
    const same = dates.indexOf(one.date)
    const isAfter = unit === 'hour' || one.date >= end
    const at = same < 0 && !isAfter ? dates.findLastIndex((date) => date < one.date) : same
    if (at >= 0) marks.set(at, [...(marks.get(at) ?? []), one])
  }
  return marks
}

const DATE_LENGTH = 10

/** The chart with its choices and its table. */
export function seriesFigure(scene: ReportScene, series: Series): Markup {
  const { words, figures, view } = scene
  const { metric, labels, line, before, beforeLabels, unit } = series
  const name = words(metric as keyof Texts)
  const marks = marksOf(scene.annotations, series)
  const value = (at: number | null | undefined): string => figures.metric(metric, at ?? null)
  const titles = labels.map((label, i) => {
    const earlier = beforeLabels[i]
    return [
      `${figures.moment(label, 'full', unit)}: ${value(line[i])}`,
      ...(earlier === undefined ? [] : [`${figures.moment(earlier, 'full', unit)}: ${value(before[i])}`]),
      ...(marks.get(i) ?? []).map(({ text }) => text),
    ].join('\n')
  })
  return html`<section class="card series" aria-labelledby="series-title"><header><h2 id="series-title">${name}</h2>
<nav aria-label="${words('interval')}"><ul class="choices">${intervalsOf(scene.period).map((one) => intervalLink(scene, one, unit))}</ul><a class="unseen" tabindex="-1" aria-hidden="true" data-keep data-key="i" href="${hrefOf({ ...view, interval: nextInterval(intervalsOf(scene.period), unit) })}"></a></nav></header>
<figure>${chart({
    line,
    before,
    partialFrom: series.partialFrom,
    labels: labels.map((label) => figures.moment(label, 'axis', unit)),
    titles,
    marks: [...marks.keys()],
    format: (at) => figures.metric(metric, at, true),
    name: words('chartOf', { name }),
  })}<figcaption>${legend(scene, series)}</figcaption>${notesList(scene, marks)}
<details class="data"><summary>${words('asTable')}</summary>${table(scene, series, marks)}</details></figure></section>`
}

function intervalLink({ words, view }: ReportScene, one: Interval, current: Interval): Markup {
  return html`<li><a href="${hrefOf({ ...view, interval: one })}" data-keep${one === current && html` aria-current="true"`}>${words(one)}</a></li>`
}

function legend({ words, period }: ReportScene, { before, partialFrom, line, unit }: Series): Markup {
  const isPartial = partialFrom < line.length
  return html`<span class="key now">${words('thisPeriod')}</span>${
    before.length > 0 && html`<span class="key then">${words('earlier')}</span>`
  }${isPartial && html`<span class="key open">${words('notOver', { unit: words(unit) })}</span>`}<span class="zone">${period.timezone}</span>`
}

/** What happened in the time that is shown, newest first. */
function notesList({ words, figures }: ReportScene, marks: Marks): Markup | false {
  const all = [...marks.values()].flat().sort((a, b) => (a.id < b.id ? 1 : -1))
  if (all.length === 0) return false
  return html`<ul class="happened" aria-label="${words('annotations')}">${all.map(
    ({ date, text }) => html`<li><span class="when">${figures.days(date, date)}</span> ${text}</li>`,
  )}</ul>`
}

function table(scene: ReportScene, series: Series, marks: Marks): Markup {
  const { words, figures, period, view } = scene
  const { labels, line, before, metric, unit, partialFrom } = series
  const today = dateOf(period.now, period.timezone)
  const cell = (label: string): Markup | string => {
    const text = figures.moment(label, 'full', unit)
    if (unit !== 'day') return text
    const day = label === today ? 'day' : ([label, label] as const)
    return html`<a href="${hrefOf({ ...view, period: day, interval: undefined })}">${text}</a>`
  }
  return html`<div class="scroll"><table class="plain"><thead><tr><th scope="col">${words('time')}</th><th scope="col">${words(metric as keyof Texts)}</th>${
    before.length > 0 && html`<th scope="col">${words('earlier')}</th>`
  }</tr></thead><tbody>${labels.map((label, i) =>
    line[i] === null
      ? ''
      : html`<tr><th scope="row">${cell(label)}${i >= partialFrom && html` <small>${words('soFar')}</small>`}${marks.get(i)?.map(({ text }) => html` <small class="mark">${text}</small>`)}</th><td>${figures.metric(metric, line[i] ?? null)}</td>${
          before.length > 0 && html`<td>${figures.metric(metric, before[i] ?? null)}</td>`
        }</tr>`,
  )}</tbody></table></div>`
}
