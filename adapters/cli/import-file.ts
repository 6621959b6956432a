import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { createLineIds } from '../../src/import/line-id.ts'
import type { ImportOptions, Item, LineFormat, Skip, TableFormat } from '../../src/import/reading.ts'
import { type FileReader, type FileRecord, openFile } from '../../src/import/records.ts'
import { Failure } from './command.ts'

export interface FileOptions extends ImportOptions {
  readonly format: LineFormat | TableFormat | undefined
  /** Makes other ids, so that what was erased can come again. */
  readonly run: string | undefined
}

/** What was in a file. */
export interface FileReport {
  readonly format: string
  readonly records: number
  readonly skipped: ReadonlyMap<Skip, number>
  /** The first record that could not be read. */
  readonly firstUnreadable: number | undefined
}

/** Takes an event and its record's number. */
export type TakeItem = (item: Item, record: number) => Promise<void>

/** Reads a file, or the standard input where it is called `-`; compressed ones too. */
export async function readFile(file: string, options: FileOptions, take: TakeItem): Promise<FileReport> {
  const idOf = createLineIds(options.run)
  const skipped = new Map<Skip, number>()
  let reader: FileReader | undefined
  let records = 0
  let firstUnreadable: number | undefined

  async function takeAll(all: readonly FileRecord[]): Promise<void> {
    for (const { text, reading } of all) {
      records++
      if (reading.skip === undefined) await take(withId(reading.item, idOf, text, options.run), records)
      else skipped.set(reading.skip, (skipped.get(reading.skip) ?? 0) + 1)
      if (reading.skip === 'unreadable') firstUnreadable ??= records
    }
  }

  for await (const text of textOf(file)) {
    reader ??= openOrFail(file, text, options)
    await takeAll(reader.push(text))
  }
  if (!reader) throw new Failure(`${file}: there is nothing in it`)
  await takeAll(reader.end())
  return { format: reader.format.name, records, skipped, firstUnreadable }
}

function openOrFail(file: string, text: string, options: FileOptions): FileReader {
  const reader = openFile(text, options, options.format)
  if (typeof reader === 'string') throw new Failure(`${file}: ${reader}; name it with --format`)
  return reader
}

/** An id that the event brings with it stays, except in another run. */
function withId(item: Item, idOf: (text: string) => string, text: string, run: string | undefined): Item {
  if (item.id !== undefined && run === undefined) return item
  return { ...item, id: idOf(text) }
}

/** Characters in which a first line must end. */
const START_LIMIT = 1_000_000

/** The text of a file in pieces, of which the first holds a whole line if it can. */
async function* textOf(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let start: string | undefined = ''
  try {
    for await (const bytes of await inflated(file)) {
      const text = decoder.decode(bytes as Uint8Array, { stream: true })
      if (start === undefined) yield text
      else start += text
      if (start !== undefined && (start.includes('\n') || start.length > START_LIMIT)) {
        yield start
        start = undefined
      }
    }
  } catch (error) {
    if (error instanceof Failure || !(error instanceof Error) || !('code' in error)) throw error
    throw new Failure(`${file}: cannot be read: ${error.code}`)
  }
  const rest = (start ?? '') + decoder.decode()
  if (rest !== '') yield rest
}

/** The bytes of a file, inflated where it begins as gzip does. */
async function inflated(file: string): Promise<AsyncIterable<unknown>> {
  const source: Readable = file === '-' ? process.stdin : createReadStream(file)
  const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  const first = await iterator.next()
  async function* whole(): AsyncGenerator<Uint8Array> {
    if (first.done) return
    yield first.value
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
  }
  const kind = first.done ? '' : Buffer.from(first.value.subarray(0, 4)).toString('hex')
  if (kind === '504b0304') throw new Failure(`${file}: is a zip archive, unpack it first`)
  if (!kind.startsWith('1f8b')) return whole()
  const gunzip = createGunzip()
  pipeline(Readable.from(whole()), gunzip, () => {})
  return gunzip
}
