/** Characters of a record: in a file that never closes a quote all the rest would be one. */
const LIMIT = 1_000_000

const QUOTE = 0x22
const COMMA = 0x2c
const RETURN = 0x0d
const NEWLINE = 0x0a

/** Reads CSV (RFC 4180) that comes in pieces. Methods give the records that are whole by then. */
export interface CsvReader {
  /** Throws if a record has no end. */
  push(text: string): string[][]
  /** At the end of the file, which need not be the end of a line. */
  end(): string[][]
}

/** A quote within a cell that did not begin with one is a character like any other. */
export function createCsvReader(): CsvReader {
  let record: string[] = []
  let cell = ''
  let size = 0
  let isQuoted = false
  /** The last character was a quote in a quoted cell: it ends the cell, unless another follows. */
  let isAtQuote = false

  function endCell(): void {
    record.push(cell)
    cell = ''
    isQuoted = false
    isAtQuote = false
  }

  function endRecord(): readonly string[][] {
    endCell()
    const whole = record
    record = []
    size = 0
    return whole.length === 1 && whole[0] === '' ? [] : [whole]
  }

  /** Takes a character of a quoted cell. Whether it ended the record. */
  function takeQuoted(code: number, char: string): boolean {
    if (code !== QUOTE && isAtQuote) return takeBare(code, char)
    if (code !== QUOTE || isAtQuote) cell += char
    isAtQuote = code === QUOTE && !isAtQuote
    return false
  }

  function takeBare(code: number, char: string): boolean {
    if (code === NEWLINE) return true
    if (code === COMMA) endCell()
    else if (code === QUOTE && cell === '' && !isQuoted) isQuoted = true
    else if (code !== RETURN) cell += char
    return false
  }

  return {
    push(text): string[][] {
      const records: string[][] = []
      for (let i = 0; i < text.length; i++) {
        const take = isQuoted ? takeQuoted : takeBare
        if (take(text.charCodeAt(i), text.charAt(i))) records.push(...endRecord())
        else if (++size > LIMIT) throw new Error('a record of the file has no end')
      }
      return records
    },
    end: () => [...endRecord()],
  }
}
