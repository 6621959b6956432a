import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Draws the table "By number of events" of README.md as `by-events.svg`: both axes logarithmic, so that what
 * grows with the number of events is a straight line, and what does not is level.
 *
 *     node bench/plot.ts
 */

const README = new URL('README.md', import.meta.url)
const PICTURE = new URL('by-events.svg', import.meta.url)
const HEADING = '### By number of events'

const frame = { width: 860, height: 460, left: 84, right: 210, top: 30, bottom: 50 } as const
const colours = ['#0b6e99', '#0b6e99', '#c2410c', '#15803d', '#c2410c', '#7c3aed', '#c2410c']

interface Line {
  readonly name: string
  /** ms by the events of the same place; NaN where nobody measured. */
  readonly ms: readonly number[]
}

function readTable(text: string): { readonly events: readonly number[]; readonly lines: readonly Line[] } {
  const section = text.slice(text.indexOf(HEADING)).split('\n## ')[0] ?? ''
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[ :|-]+\|$/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  const [head = [], ...body] = rows
  const numbers = body.map((cells) => cells.map((cell) => Number(cell.replaceAll(',', '') || Number.NaN)))
  return {
    events: numbers.map(([events = Number.NaN]) => events),
    lines: head.slice(1).map((name, i) => ({ name, ms: numbers.map((row) => row[i + 1] ?? Number.NaN) })),
  }
}

function draw(events: readonly number[], lines: readonly Line[]): string {
  const all = lines.flatMap(({ ms }) => ms).filter(Number.isFinite)
  const [low, high] = [Math.floor(Math.log10(Math.min(...all))), Math.ceil(Math.log10(Math.max(...all)))]
  const [first, last] = [Math.log10(Math.min(...events)), Math.log10(Math.max(...events))]
  const { width, height, left, right, top, bottom } = frame
  const x = (count: number): number =>
    left + ((Math.log10(count) - first) / (last - first)) * (width - left - right)
  const y = (ms: number): number =>
    height - bottom - ((Math.log10(ms) - low) / (high - low)) * (height - top - bottom)
  const decades = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i))
  const grid = [
    ...decades.map(
      (ms) =>
        `<path d="M${left} ${y(ms)}H${width - right}"/><text x="${left - 8}" y="${y(ms) + 4}" text-anchor="end">${ms} ms</text>`,
    ),
    ...events.map(
      (count) =>
        `<path d="M${x(count)} ${top}V${height - bottom}"/><text x="${x(count)}" y="${height - bottom + 20}" text-anchor="middle">${count.toLocaleString('en')}</text>`,
    ),
  ]
  const curves = spread(lines.map(({ ms }) => y(ms.at(-1) ?? 1))).map((labelY, i) => {
    const { name, ms } = lines[i] as Line
    const points = ms
      .map((value, at) => `${x(events[at] as number).toFixed(1)},${y(value).toFixed(1)}`)
      .join(' ')
    const dash = name.includes('scan') ? ' stroke-dasharray="6 4"' : ''
    const colour = colours[i] ?? '#444'
    return `<g stroke="${colour}" fill="${colour}"><polyline points="${points}" fill="none" stroke-width="2"${dash}/><text x="${width - right + 8}" y="${labelY + 4}" stroke="none">${name}</text></g>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    '<title>Time of an answer against the number of events</title>',
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<g stroke="#ddd" fill="#444" stroke-width="1">${grid.join('').replaceAll('<text', '<text stroke="none"')}</g>`,
    ...curves,
    '</svg>',
    '',
  ].join('\n')
}

/** Places for labels that want to stand at these heights, no two closer than a line of text. */
function spread(wanted: readonly number[]): readonly number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] as number) - (wanted[b] as number))
  const placed = [...wanted]
  let last = Number.NEGATIVE_INFINITY
  for (const i of order) {
    last = Math.max(wanted[i] as number, last + 16)
    placed[i] = last
  }
  return placed
}

const { events, lines } = readTable(readFileSync(README, 'utf8'))
writeFileSync(PICTURE, draw(events, lines))
