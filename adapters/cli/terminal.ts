import type { Given } from './command.ts'

/** Marks and controls that could make a terminal do or show something else than the text. */
const CONTROLS = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** A visitor's text as it may be shown. */
export function plain(text: string): string {
  return text.replaceAll(CONTROLS, '\ufffd')
}

/** Prints a result. Waits for a reader that is slower. */
export async function print(text: string): Promise<void> {
  await write(`${text}\n`)
}

export function write(chunk: string | Uint8Array, to: NodeJS.WriteStream = process.stdout): Promise<void> {
  return new Promise((resolve, reject) => to.write(chunk, (error) => (error ? reject(error) : resolve())))
}

/** Says something beside the result, unless it was asked to be quiet. */
export function tell(given: Pick<Given, 'has'>, text: string): void {
  if (!given.has('quiet')) process.stderr.write(`${text}\n`)
}

/** How often progress is shown: on a terminal in place, elsewhere as lines; ms. */
const SHOW_MS = 100
const LINE_MS = 10_000

export interface Progress {
  at(text: () => string): void
  /** Takes the line away, if there is one. */
  end(): void
}

/** Shows how far long work is. */
export function showProgress(given: Pick<Given, 'has'>): Progress {
  const isTerminal = process.stderr.isTTY === true
  let last = performance.now()
  return {
    at(text): void {
      const now = performance.now()
      if (given.has('quiet') || now - last < (isTerminal ? SHOW_MS : LINE_MS)) return
      last = now
      process.stderr.write(isTerminal ? `\r\x1b[K${text()}` : `${text()}\n`)
    },
    end(): void {
      if (isTerminal && !given.has('quiet')) process.stderr.write('\r\x1b[K')
    },
  }
}

/** Rows under their names, numbers to the right. */
export function tableOf(names: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = [names, ...rows.map((row) => row.map(shown))]
  const widths = names.map((_, i) => Math.max(...texts.map((row) => widthOf(row[i] ?? ''))))
  const isNumber = names.map((_, i) => rows.some((row) => typeof row[i] === 'number'))
  return texts
    .map((row) =>
      row
        .map((text, i) => pad(text, widths[i] ?? 0, isNumber[i] ?? false))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export type Cell = string | number | null | undefined

function shown(cell: Cell): string {
  if (typeof cell === 'number') return cell.toLocaleString('en')
  return cell === null || cell === undefined ? '-' : plain(cell)
}

function pad(text: string, width: number, isRight: boolean): string {
  const space = ' '.repeat(width - widthOf(text))
  return isRight ? space + text : text + space
}

/** Columns of a terminal, roughly: code points, of which East Asian ones and emoji take two. */
function widthOf(text: string): number {
  let width = 0
  for (const char of text)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u.test(
        char,
      )
        ? 2
        : 1
  return width
}
