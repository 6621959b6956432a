/** Looks for texts in bytes, in whatever form they may have been written. */

/** The forms of a text that are found; all but those of base64 in any case. */
function formsOf(text: string): readonly Form[] {
  const escaped = encodeURIComponent(text)
  const everySign = [...new TextEncoder().encode(text)].map((byte) => `%${hex(byte)}`).join('')
  const plain = [
    ['plain', text],
    ['percent-encoded', escaped],
    ['percent-encoded twice', encodeURIComponent(escaped)],
    ['percent-encoded throughout', everySign],
    ['escaped as JSON', JSON.stringify(text).slice(1, -1)],
    ['in hex', Buffer.from(text).toString('hex')],
  ].map(([name = '', form = '']) => ({ name, bytes: Buffer.from(form.toLowerCase()), hasCase: false }))
  const wide = { name: 'in UTF-16', bytes: Buffer.from(text.toLowerCase(), 'utf16le'), hasCase: false }
  const base64 = [0, 1, 2].flatMap((offset) =>
    (['base64', 'base64url'] as const).map((name) => ({
      name: `in ${name}, ${offset} bytes on`,
      bytes: Buffer.from(innerBase64(text, offset, name)),
      hasCase: true,
    })),
  )
  const all = [...plain, wide, ...base64]
  return all.filter(({ bytes }, i) => all.findIndex((other) => other.bytes.equals(bytes)) === i)
}

interface Form {
  readonly name: string
  readonly bytes: Buffer
  readonly hasCase: boolean
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')

/** The characters that a text has wherever it stands so many bytes after a third one, whatever stands around it. */
function innerBase64(text: string, offset: number, encoding: 'base64' | 'base64url'): string {
  const bytes = Buffer.from('\0'.repeat(offset) + text)
  const first = Math.ceil((offset * 8) / 6)
  return bytes.toString(encoding).slice(first, Math.floor((bytes.length * 8) / 6))
}

/** Bytes that were left somewhere. */
export interface Remain {
  readonly where: string
  readonly bytes: Uint8Array
}

/** What tells of one of the texts, as `where: text, form`. */
export function tracesOf(texts: readonly string[], remains: Iterable<Remain>): readonly string[] {
  const wanted = texts.map((text) => ({ text, forms: formsOf(text) }))
  const traces: string[] = []
  for (const { where, bytes } of remains) {
    const asIs = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const inSmall = Buffer.from(asIs.toString('latin1').toLowerCase(), 'latin1')
    for (const { text, forms } of wanted) {
      for (const { name, bytes: form, hasCase } of forms) {
        const at = (hasCase ? asIs : inSmall).indexOf(form)
        if (at >= 0) traces.push(`${where}: ${text}, ${name}, at ${at}: ${around(asIs, at)}`)
      }
    }
  }
  return traces
}

function around(bytes: Buffer, at: number): string {
  return JSON.stringify(bytes.subarray(Math.max(0, at - 40), at + 60).toString('latin1'))
}
