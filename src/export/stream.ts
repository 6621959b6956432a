import type { KeptEvent } from '../event.ts'

/** Size of the pieces that a file is sent in, in bytes; of text, characters gathered before a piece is made. */
const PIECE = 65_536

/** Turns rows into the bytes of a file, one after another. */
export interface RowEncoder {
  /** Takes a row in. Gives bytes once enough of them have come together. */
  add(row: KeptEvent): Uint8Array | undefined
  /** The rest of the file, after its last row. */
  end(): Uint8Array
}

/**
 * A file as it is asked for: rows are read no faster than it is, and no more once it is cancelled. The first
 * row is read before the stream is given away, so that a store that is down is still an answer of its own.
 */
export async function toStream(
  rows: AsyncIterable<KeptEvent>,
  encoder: RowEncoder,
): Promise<ReadableStream<Uint8Array>> {
  const source = rows[Symbol.asyncIterator]()
  const pieces = encode(await source.next(), source, encoder)
  return new ReadableStream(
    {
      async pull(controller): Promise<void> {
        const { done, value } = await pieces.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel(): Promise<void> {
        await source.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

async function* encode(
  first: IteratorResult<KeptEvent>,
  source: AsyncIterator<KeptEvent>,
  encoder: RowEncoder,
): AsyncGenerator<Uint8Array, undefined> {
  for (let next = first; !next.done; next = await source.next()) {
    const bytes = encoder.add(next.value)
    if (bytes) yield* inPieces(bytes)
  }
  yield* inPieces(encoder.end())
}

function* inPieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE)
}

/** Encodes rows as lines of text, `head` before them. */
export function lines(line: (row: KeptEvent) => string, head = ''): RowEncoder {
  const encoder = new TextEncoder()
  let text = head
  const take = (): Uint8Array => {
    const bytes = encoder.encode(text)
    text = ''
    return bytes
  }
  return {
    add(row): Uint8Array | undefined {
      text += line(row)
      return text.length < PIECE ? undefined : take()
    },
    end: take,
  }
}
