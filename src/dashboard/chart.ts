import { html } from 'hono/html'
import type { Markup } from './scene.ts'

/** A line to draw. Null: nothing is known there. */
export type Line = readonly (number | null)[]

export interface Plot {
  readonly line: Line
  /** What it is compared with. */
  readonly before: Line
  /** Where the time that is not over begins; points from there on are drawn as such. */
  readonly partialFrom: number
  /** Positions to mark, with words. */
  readonly labels: readonly string[]
  /** Words for each point. */
  readonly titles: readonly string[]
  /** Positions at which something happened. */
  readonly marks: readonly number[]
  readonly format: (value: number) => string
  readonly name: string
}

const HEIGHT = 232
const TOP = 24
const FLOOR = 204
const WIDE = 1000
const STEPS = 4

/** A chart of lines as SVG, as wide as its place: text does not scale, lines do not get thick. */
export function chart(plot: Plot): Markup {
  const { line, before, partialFrom, name, format } = plot
  const top = roundUp(Math.max(...[...line, ...before].map((value) => value ?? 0)))
  const heights = Array.from({ length: STEPS + 1 }, (_, i) => (top / STEPS) * i)
  const y = (value: number): number => FLOOR - (value / top) * (FLOOR - TOP)
  const points = line.map((value) => (value === null ? null : y(value)))
  const whole = points.map((point, i) => (i < partialFrom ? point : null))
  const rest = points.map((point, i) => (i >= partialFrom - 1 ? point : null))
  const last = points.findLastIndex((point) => point !== null)
  return html`<svg class="plot" role="img" aria-label="${name}" width="100%" height="${HEIGHT}">
${heights.map((value) => ruler(value, y))}
<svg y="0" width="100%" height="${HEIGHT}" viewBox="0 0 ${WIDE} ${HEIGHT}" preserveAspectRatio="none">
<path class="area" d="${areaOf(whole)}"/>
<path class="before" d="${pathOf(before.map((value) => (value === null ? null : y(value))))}"/>
<path class="line" d="${pathOf(whole)}"/><path class="line partial" d="${pathOf(rest)}"/></svg>
${last >= 0 && html`<circle class="dot" r="4" cx="${percentOf(last, line.length)}" cy="${round(points[last] ?? 0)}"/>`}
${heights.slice(1).map((value) => html`<text class="tick" x="0" y="${round(y(value)) - 5}">${format(value)}</text>`)}${ticks(plot.labels)}${plot.marks.map((at) => mark(percentOf(at, line.length)))}${hits(plot)}</svg>`
}

function ruler(value: number, y: (value: number) => number): Markup {
  const at = round(y(value))
  return html`<line class="${value === 0 ? 'floor' : 'rule'}" x1="0" x2="100%" y1="${at}" y2="${at}"/>`
}

function mark(x: string): Markup {
  return html`<line class="mark" x1="${x}" x2="${x}" y1="${TOP - 12}" y2="${FLOOR}"/><circle class="mark" r="4" cx="${x}" cy="${TOP - 14}"/>`
}

/** At most eight labels; every other one gives way where there is little room. */
function ticks(labels: readonly string[]): readonly Markup[] {
  const step = Math.max(1, Math.ceil(labels.length / 8))
  return labels.flatMap((label, i) => {
    if (i % step > 0) return []
    const share = (i + 0.5) / labels.length
    const anchor = share < 0.04 ? 'start' : share > 0.96 ? 'end' : 'middle'
    const isMinor = (i / step) % 2 === 1
    const x = anchor === 'middle' ? percentOf(i, labels.length) : anchor === 'start' ? '0' : '100%'
    return [
      html`<text class="tick${isMinor && ' minor'}" x="${x}" y="${HEIGHT - 6}" text-anchor="${anchor}">${label}</text>`,
    ]
  })
}

/** Over more points than these no pointer can tell one from the next. */
const MOST_HITS = 120

function hits({ titles }: Plot): readonly Markup[] {
  if (titles.length > MOST_HITS) return []
  const width = `${round(100 / titles.length)}%`
  return titles.map(
    (title, i) =>
      html`<rect class="hit" x="${round((i / titles.length) * 100)}%" width="${width}" height="${FLOOR}"><title>${title}</title></rect>`,
  )
}

function percentOf(i: number, length: number): string {
  return `${round(((i + 0.5) / length) * 100)}%`
}

/** A path through the points, with gaps where there are none. */
function pathOf(points: Line): string {
  let path = ''
  let isDrawing = false
  for (const [i, point] of points.entries()) {
    if (point !== null) path += `${isDrawing ? 'L' : 'M'}${xOf(i, points.length)} ${round(point)}`
    isDrawing = point !== null
  }
  return path
}

function areaOf(points: Line): string {
  const last = points.findLastIndex((point) => point !== null)
  const known = points.slice(0, last + 1).map((point) => point ?? FLOOR)
  const line = known.map((point, i) => `L${xOf(i, points.length)} ${round(point)}`).join('')
  return last < 1 ? '' : `M${xOf(0, points.length)} ${FLOOR}${line}L${xOf(last, points.length)} ${FLOOR}Z`
}

function xOf(i: number, length: number): number {
  return round(((i + 0.5) / length) * WIDE)
}

/** A small line without words, for a row of a list. */
export function sparkline(line: Line): Markup {
  const top = Math.max(1, ...line.map((value) => value ?? 0))
  const points = line.map((value) => (value === null ? null : 30 - (value / top) * 28))
  return html`<svg class="spark" aria-hidden="true" viewBox="0 0 ${WIDE} 32" preserveAspectRatio="none"><path class="line" d="${pathOf(points)}"/></svg>`
}

/** The next number that four steps divide into whole and round ones. */
function roundUp(value: number): number {
  const step = Math.max(1, value / STEPS)
  const power = 10 ** Math.floor(Math.log10(step))
  const factor = [1, 2, 3, 4, 5, 6, 8, 10].find((one) => one * power >= step) ?? 10
  return STEPS * factor * power
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
